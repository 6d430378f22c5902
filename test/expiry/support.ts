import { vi } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  type Clock,
  type CredentialEntry,
  type CredentialsInput,
  type CredentialStore,
  type CredentialStoreOptions,
  type ExpiryStatus,
  type ShelflifeError,
  type Signal,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock, type FakeClock } from '../../src/testing/index.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The longest delay hosts know: above it they fire at once. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** Where the clocks of these tests begin. */
export const START = Date.UTC(2026, 0, 1);

/** Whole turns of the event loop, so that promises settle in between. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Tokens issued at a moment. */
export function tokens(
  issuedAt: number,
  lifetime: number | null = 3600,
  more: CredentialsInput = {},
): CredentialsInput {
  return {
    access_token: `access-${issuedAt}`,
    refresh_token: `refresh-${issuedAt}`,
    issued_at: new Date(issuedAt),
    expires_in: lifetime,
    ...more,
  };
}

/** A fake clock that tells what is armed. */
export interface CountingClock extends FakeClock {
  /** The timers that wait now. */
  readonly armed: ReadonlySet<unknown>;
  /** Every delay that was ever asked for. */
  readonly delays: readonly number[];
  /** Those of the timers that wait which hold the process. */
  held(): number;
}

interface CountedTimer {
  inner: unknown;
  isRef: boolean;
  ref(): CountedTimer;
  unref(): CountedTimer;
}

export function countingClock(now = START): CountingClock {
  const inner = fakeClock({ now });
  const armed = new Set<CountedTimer>();
  const delays: number[] = [];
  return {
    armed,
    delays,
    held: () => [...armed].filter(({ isRef }) => isRef).length,
    now: () => inner.now(),
    advance: (milliseconds) => inner.advance(milliseconds),
    jump: (milliseconds) => inner.jump(milliseconds),
    setTimeout(run, milliseconds) {
      delays.push(milliseconds);
      const timer: CountedTimer = {
        inner: undefined,
        isRef: true,
        ref() {
          this.isRef = true;
          return this;
        },
        unref() {
          this.isRef = false;
          return this;
        },
      };
      timer.inner = inner.setTimeout(() => {
        armed.delete(timer);
        run();
      }, milliseconds);
      armed.add(timer);
      return timer;
    },
    clearTimeout(handle) {
      if (!armed.delete(handle as CountedTimer)) return;
      inner.clearTimeout((handle as CountedTimer).inner);
    },
  };
}

/** A clock without promises in it, so that hundreds of days of it pass in a moment. */
export interface StridingClock extends Clock {
  readonly delays: { longest: number; count: number };
  stride(milliseconds: number): void;
  /** Moves the wall clock alone. */
  jump(milliseconds: number): void;
}

export function stridingClock(now = START): StridingClock {
  let wall = now;
  let monotonic = 0;
  const timers = new Set<{ due: number; run: () => void }>();
  const delays = { longest: 0, count: 0 };
  return {
    delays,
    now: () => wall,
    setTimeout(run, milliseconds) {
      delays.count += 1;
      delays.longest = Math.max(delays.longest, milliseconds);
      const overflows = !(milliseconds >= 1 && milliseconds <= LONGEST_DELAY);
      const timer = { due: monotonic + (overflows ? 0 : milliseconds), run };
      timers.add(timer);
      return timer;
    },
    clearTimeout(handle) {
      timers.delete(handle as { due: number; run: () => void });
    },
    stride(milliseconds) {
      const end = monotonic + milliseconds;
      for (;;) {
        let first: { due: number; run: () => void } | undefined;
        for (const timer of timers) if (timer.due <= end && !(first && first.due <= timer.due)) first = timer;
        if (!first) break;
        timers.delete(first);
        wall += first.due - monotonic;
        monotonic = first.due;
        first.run();
      }
      wall += end - monotonic;
      monotonic = end;
    },
    jump(milliseconds) {
      wall += milliseconds;
    },
  };
}

/** A document and a window, as far as waking goes. */
export interface FakeHost {
  /** How many listeners there are on both. */
  listeners(): number;
  dispatch(type: 'visibilitychange' | 'resume' | 'freeze' | 'pageshow' | 'focus' | 'blur' | 'online'): void;
  setVisibility(state: 'visible' | 'hidden'): void;
}

/** Makes the test's global object a window with a document, until the test ends. */
export function stubHost(): FakeHost {
  let count = 0;
  class CountingTarget extends EventTarget {
    readonly #known = new Map<string, Set<unknown>>();
    override addEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject | null,
      options?: boolean | AddEventListenerOptions,
    ): void {
      let known = this.#known.get(type);
      if (!known) this.#known.set(type, (known = new Set()));
      if (!known.has(listener)) count += 1;
      known.add(listener);
      super.addEventListener(type, listener, options);
    }
    override removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null): void {
      if (this.#known.get(type)?.delete(listener)) count -= 1;
      super.removeEventListener(type, listener);
    }
  }
  const document = Object.assign(new CountingTarget(), { visibilityState: 'visible', hidden: false });
  const window = new CountingTarget();
  vi.stubGlobal('document', document);
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('dispatchEvent', window.dispatchEvent.bind(window));
  vi.stubGlobal('window', globalThis);
  const ofDocument = new Set(['visibilitychange', 'resume', 'freeze']);
  return {
    listeners: () => count,
    dispatch(type) {
      const event = Object.assign(new Event(type), { persisted: type === 'pageshow' });
      (ofDocument.has(type) ? document : window).dispatchEvent(event);
    },
    setVisibility(state) {
      document.visibilityState = state;
      document.hidden = state === 'hidden';
      document.dispatchEvent(new Event('visibilitychange'));
    },
  };
}

/** A store on memory with a counting clock, and one entry of it. */
export interface Setup {
  readonly clock: CountingClock;
  readonly storage: StorageBackend;
  readonly store: CredentialStore;
  readonly entry: CredentialEntry;
}

export function setUp(options: Partial<CredentialStoreOptions> = {}): Setup {
  const clock = countingClock();
  const storage = options.storage ?? memoryBackend();
  const store = createCredentialStore({ clock, ...options, storage });
  return { clock, storage, store, entry: store.entry() };
}

/** The statuses a subscriber is told, each change once, however often it is told one. */
export function statusesOf(entry: CredentialEntry): ExpiryStatus[] {
  const seen: ExpiryStatus[] = [];
  entry.expiry.subscribe(({ status }) => {
    if (seen.at(-1) !== status) seen.push(status);
  });
  return seen;
}

/** Every value a subscriber is told. */
export function valuesOf<T>(signal: Signal<T>): T[] {
  const seen: T[] = [];
  signal.subscribe((value) => void seen.push(value));
  return seen;
}

/** The same backend, with answers that take turns of the event loop, as IndexedDB and files do; counts its reads. */
export function slowBackend(inner: StorageBackend = memoryBackend()): StorageBackend & { reads: number } {
  return {
    ...inner,
    name: 'slow',
    reads: 0,
    async get(key) {
      this.reads += 1;
      const value = inner.get(key);
      await turns(1);
      return value;
    },
    async compareAndSet(key, expected, next) {
      await turns(1);
      return inner.compareAndSet(key, expected, next);
    },
  };
}

/** What a promise rejected with; throws where it did not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<ShelflifeError> {
  const settled = await Promise.race([
    promise.then(
      () => 'resolved' as const,
      (error: unknown) => ({ error }),
    ),
    turns(500).then(() => 'nothing' as const),
  ]);
  if (typeof settled === 'string') throw new Error(`A rejection was expected, not: ${settled}.`);
  return settled.error as ShelflifeError;
}

/** Whether a promise has settled. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await turns();
  return settled;
}
