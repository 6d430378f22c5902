import { expect, test } from 'vitest';
import { anHour, openSession, passAnHour, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

test('for await gets the value and each transition once, and lets go at the break', async () => {
  const session = await openSession();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { status } of session.entry.expiry) {
      seen.push(status);
      if (status === 'expired') break;
    }
  })();
  await passAnHour(session);
  await watching;
  expect(seen).toEqual(anHour);
  expect(session.armed()).toBe(0);
});

test('nothing is subscribed before the first next, and return lets go at once', async () => {
  const session = await openSession();
  const values = session.entry.expiry[Symbol.asyncIterator]();
  expect(session.armed()).toBe(0);
  expect((await values.next()).value).toMatchObject({ status: 'fresh' });
  expect(session.armed()).toBe(1);
  const pending = values.next();
  await values.return?.();
  expect(session.armed()).toBe(0);
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test('who is slow gets the latest', async () => {
  const session = await openSession();
  const values = session.entry.expiry[Symbol.asyncIterator]();
  await values.next();
  await session.clock.advance(UNTIL_EXPIRING);
  await session.clock.advance(UNTIL_EXPIRED);
  expect((await values.next()).value).toMatchObject({ status: 'expired' });
  await values.return?.();
  expect(session.armed()).toBe(0);
});
