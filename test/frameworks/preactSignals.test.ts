import { computed, effect } from '@preact/signals-core';
import { expect, test } from 'vitest';
import { toPreactSignal } from '../../src/frameworks/preact-signals.js';
import { anHour, openSession, passAnHour, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

test('effects and computed signals see each transition once, and release the entry when they end', async () => {
  const session = await openSession();
  const expiry = toPreactSignal(session.entry.expiry);
  const status = computed(() => expiry.value.status);
  const seen: string[] = [];
  const dispose = effect(() => {
    seen.push(status.value);
  });
  expect(session.armed()).toBe(1);
  await passAnHour(session);
  expect(seen).toEqual(anHour);
  dispose();
  expect(session.armed()).toBe(0);
});

test('it observes only while it is observed, again and again', async () => {
  const session = await openSession();
  const expiry = toPreactSignal(session.entry.expiry);
  expect(session.armed()).toBe(0);
  for (let round = 0; round < 3; round += 1) {
    const first = effect(() => void expiry.value);
    const second = expiry.subscribe(() => {});
    expect(session.armed()).toBe(1);
    first();
    expect(session.armed()).toBe(1);
    second();
    expect(session.armed()).toBe(0);
  }
});

test('unobserved, each read is live', async () => {
  const session = await openSession();
  const expiry = toPreactSignal(session.entry.expiry);
  const read = [expiry.value.status];
  await session.clock.advance(UNTIL_EXPIRING);
  read.push(expiry.peek().status);
  await session.clock.advance(UNTIL_EXPIRED);
  read.push(expiry.toJSON().status);
  expect(read).toEqual(anHour);
  expect(expiry.value).toBe(expiry.value);
  expect(session.armed()).toBe(0);
});
