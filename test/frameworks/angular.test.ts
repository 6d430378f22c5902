import {
  computed,
  createEnvironmentInjector,
  type EnvironmentInjector,
  Injector,
  runInInjectionContext,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { expect, test } from 'vitest';
import { openSession, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

function createInjector(): EnvironmentInjector {
  return createEnvironmentInjector([], Injector.NULL as EnvironmentInjector);
}

test('toSignal has the value at once, follows, and lets go with its injector', async () => {
  const session = await openSession();
  const injector = createInjector();
  const status = runInInjectionContext(injector, () => {
    const expiry = toSignal(session.entry.expiry, { requireSync: true });
    return computed(() => expiry().status);
  });
  const seen = [status()];
  await session.clock.advance(UNTIL_EXPIRING);
  seen.push(status());
  await session.clock.advance(UNTIL_EXPIRED);
  seen.push(status());
  expect(seen).toEqual(['fresh', 'expiring', 'expired']);
  injector.destroy();
  expect(session.armed()).toBe(0);
});

test('toSignal keeps the last value once the injector is gone', async () => {
  const session = await openSession();
  const injector = createInjector();
  const expiry = runInInjectionContext(injector, () => toSignal(session.entry.expiry, { requireSync: true }));
  injector.destroy();
  await session.clock.advance(UNTIL_EXPIRING + UNTIL_EXPIRED);
  expect(expiry().status).toBe('fresh');
});
