import { Signal } from 'signal-polyfill';
import { expect, test, vi } from 'vitest';
import { toTC39Signal } from '../../src/frameworks/tc39.js';
import { anHour, openSession, passAnHour, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

/** What the proposal's own example calls `effect`: runs again, a microtask later, when what it read changed. */
function effect(run: () => void): () => void {
  const computed = new Signal.Computed(run);
  const watcher = new Signal.subtle.Watcher(() => {
    queueMicrotask(() => {
      for (const pending of watcher.getPending()) pending.get();
      watcher.watch();
    });
  });
  watcher.watch(computed);
  computed.get();
  return () => watcher.unwatch(computed);
}

test('a watcher sees each transition once, and releases the entry when it ends', async () => {
  const session = await openSession();
  const expiry = toTC39Signal(session.entry.expiry);
  const status = new Signal.Computed(() => expiry.get().status);
  const seen: string[] = [];
  const dispose = effect(() => {
    seen.push(status.get());
  });
  expect(session.armed()).toBe(1);
  await passAnHour(session);
  expect(seen).toEqual(anHour);
  dispose();
  expect(session.armed()).toBe(0);
});

test('it observes only while it is watched, again and again', async () => {
  const session = await openSession();
  const expiry = toTC39Signal(session.entry.expiry);
  for (let round = 0; round < 3; round += 1) {
    const first = effect(() => void expiry.get());
    const second = effect(() => void expiry.get());
    expect(session.armed()).toBe(1);
    first();
    expect(session.armed()).toBe(1);
    second();
    expect(session.armed()).toBe(0);
  }
});

test('unwatched, each read is live', async () => {
  const session = await openSession();
  const expiry = toTC39Signal(session.entry.expiry);
  const read = [expiry.get().status];
  await session.clock.advance(UNTIL_EXPIRING);
  read.push(expiry.get().status);
  await session.clock.advance(UNTIL_EXPIRED);
  read.push(expiry.get().status);
  expect(read).toEqual(anHour);
  expect(session.armed()).toBe(0);
});

test("the host's own signals are used where it has them", async () => {
  const session = await openSession();
  class Computed<T> extends Signal.Computed<T> {}
  vi.stubGlobal('Signal', { ...Signal, State: Signal.State, Computed, subtle: Signal.subtle });
  expect(toTC39Signal(session.entry.expiry)).toBeInstanceOf(Computed);
});
