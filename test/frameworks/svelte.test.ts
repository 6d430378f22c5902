import { flushSync } from 'svelte';
import { derived, fromStore, get, type Readable } from 'svelte/store';
import { expect, test } from 'vitest';
import { runEffect } from './effects.svelte.js';
import { anHour, openSession, passAnHour } from './openSession.js';

test('get reads the value and lets go', async () => {
  const session = await openSession();
  expect(get(session.entry.expiry).status).toBe('fresh');
  expect(session.armed()).toBe(0);
});

test('a subscription of the store contract gets each transition once', async () => {
  const session = await openSession();
  const seen: string[] = [];
  // What a compiled `$store` does: it passes a second argument, and calls what it gets back.
  const store: Readable<{ status: string }> = session.entry.expiry;
  const unsubscribe = store.subscribe(
    ({ status }) => void seen.push(status),
    () => {},
  );
  expect(seen).toEqual(['fresh']);
  await passAnHour(session);
  expect(seen).toEqual(anHour);
  unsubscribe();
  expect(session.armed()).toBe(0);
});

test('derived follows, of one signal or of two', async () => {
  const session = await openSession();
  const status = derived(session.entry.expiry, (expiry) => expiry.status);
  const both = derived(
    [status, session.entry.credentials],
    ([now, credentials]) => `${now} ${typeof credentials}`,
  );
  const seen: string[] = [];
  const unsubscribe = both.subscribe((text) => void seen.push(text));
  await passAnHour(session);
  expect(seen).toEqual(['fresh object', 'expiring object', 'expired object']);
  unsubscribe();
  expect(session.armed()).toBe(0);
});

test('fromStore is live in an effect, and reads outside of one', async () => {
  const session = await openSession();
  const expiry = fromStore(session.entry.expiry);
  expect(expiry.current.status).toBe('fresh');
  expect(session.armed()).toBe(0);

  const seen: string[] = [];
  const stop = runEffect(() => void seen.push(expiry.current.status));
  flushSync();
  expect(seen).toEqual(['fresh']);
  await passAnHour(session);
  flushSync();
  expect(seen).toEqual(anHour);
  stop();
  await Promise.resolve();
  expect(session.armed()).toBe(0);
});
