import {
  type Clock,
  type CredentialEntry,
  createCredentialStore,
  type ExpiryStatus,
  memoryBackend,
} from '../../src/index.js';
import { fakeClock, type FakeClock } from '../../src/testing/index.js';

/** A session whose token was just issued for an hour, on a clock of the test. */
export interface Session {
  readonly entry: CredentialEntry;
  readonly clock: FakeClock;
  /** How many timers wait: none, once nobody observes. */
  armed(): number;
}

export const UNTIL_EXPIRING = 3_540_000;
export const UNTIL_EXPIRED = 60_000;
export const token = 'synthetic-access-token';

/** What a consumer sees of an hour, from beginning to end. */
export const anHour: readonly ExpiryStatus[] = ['fresh', 'expiring', 'expired'];

export async function openSession(): Promise<Session> {
  const clock = fakeClock();
  const waiting = new Set<unknown>();
  const counting: Clock = {
    ...clock,
    setTimeout(run, milliseconds) {
      const handle = clock.setTimeout(() => {
        waiting.delete(handle);
        run();
      }, milliseconds);
      waiting.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      waiting.delete(handle);
      clock.clearTimeout(handle);
    },
  };
  const entry = createCredentialStore({ storage: memoryBackend(), clock: counting }).entry();
  await entry.set({ access_token: token, issued_at: new Date(clock.now()), expires_in: 3600 });
  return { entry, clock, armed: () => waiting.size };
}

/** Lets the hour pass. */
export async function passAnHour({ clock }: Session): Promise<void> {
  await clock.advance(UNTIL_EXPIRING);
  await clock.advance(UNTIL_EXPIRED);
}
