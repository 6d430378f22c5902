import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  type Signal,
  type StorageBackend,
  StorageUnavailableError,
} from '../../src/index.js';
import {
  countingClock,
  HOUR,
  setUp,
  slowBackend,
  START,
  statusesOf,
  stubHost,
  tokens,
  turns,
  valuesOf,
} from '../expiry/support.js';

/** A backend whose reads are answered by hand, in any order. */
function handBackend() {
  const reads: { resolve: (value: string | undefined) => void; reject: (error: unknown) => void }[] = [];
  const inner = memoryBackend();
  let isByHand = true;
  const storage: StorageBackend = {
    ...inner,
    name: 'hand',
    get: (key) =>
      isByHand
        ? new Promise<string | undefined>((resolve, reject) => void reads.push({ resolve, reject }))
        : Promise.resolve(inner.get(key)),
    compareAndSet: async (key, expected, next) => inner.compareAndSet(key, expected, next),
  };
  /** Runs with reads that answer by themselves. */
  const letting = async <T>(work: () => Promise<T>): Promise<T> => {
    isByHand = false;
    const result = await work();
    isByHand = true;
    return result;
  };
  return { storage, reads, letting };
}

/** The text that a record of its own would be stored as. */
async function textOf(access_token: string): Promise<string> {
  const values = memoryBackend();
  let text = '';
  const spy: StorageBackend = {
    ...values,
    compareAndSet(key, expected, next) {
      text = next ?? text;
      return values.compareAndSet(key, expected, next);
    },
  };
  await createCredentialStore({ storage: spy }).entry().set({ access_token, expires_in: null });
  return text;
}

describe('a synchronous backend', () => {
  test('is read at once: no flash of loading', async () => {
    const { storage, clock, entry } = setUp();
    await entry.set(tokens(START));
    const later = createCredentialStore({ storage, clock }).entry();
    expect(statusesOf(later)).toEqual(['fresh']);
    const another = createCredentialStore({ storage, clock }).entry();
    expect(another.credentials.value?.access_token).toBe(`access-${START}`);
    const third = createCredentialStore({ storage, clock }).entry();
    expect(third.expiry.getSnapshot().status).toBe('fresh');
    expect(createCredentialStore({ storage, clock }).entry().timeLeft().value).toBe(3600);
  });

  test('absent at once, where nothing is stored', () => {
    expect(setUp().entry.expiry.value.status).toBe('absent');
    expect(setUp().entry.credentials.value).toBeUndefined();
  });

  test('is read again at each value while unobserved', async () => {
    const inner = memoryBackend();
    const clock = countingClock();
    const here = createCredentialStore({ storage: inner, clock }).entry();
    const elsewhere = createCredentialStore({ storage: { ...inner }, clock }).entry();
    expect(here.expiry.value.status).toBe('absent');
    await elsewhere.set(tokens(START));
    expect(here.expiry.value.status).toBe('fresh');
    expect(here.credentials.value?.access_token).toBe(`access-${START}`);
    expect(here.timeLeft().value).toBe(3600);
    await elsewhere.delete();
    expect(here.timeLeft().value).toBeNull();
    expect(here.credentials.getSnapshot()).toBeUndefined();
  });

  test('gives the same objects as long as the same is stored', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    expect(entry.credentials.value).toBe(entry.credentials.value);
    expect(entry.expiry.value).toBe(entry.expiry.value);
  });
});

describe('a backend that answers later', () => {
  test('loading first, then what is stored', async () => {
    const storage = slowBackend();
    const { clock, entry } = setUp({ storage });
    const seen = valuesOf(entry.expiry);
    const seenCredentials = valuesOf(entry.credentials);
    expect(seen.map(({ status }) => status)).toEqual(['loading']);
    expect(entry.timeLeft().value).toBeNull();
    await turns();
    expect(seen.map(({ status }) => status)).toEqual(['loading', 'absent']);
    expect(seenCredentials).toEqual([undefined]);
    await createCredentialStore({ storage: slowBackend(storage), clock })
      .entry()
      .set(tokens(START));
    await entry.get();
    expect(seen.map(({ status }) => status)).toEqual(['loading', 'absent', 'fresh']);
  });

  test.each<[string, (signal: Signal<unknown>) => unknown]>([
    ['value', (signal) => signal.value],
    ['getSnapshot', (signal) => signal.getSnapshot()],
    ['subscribe', (signal) => signal.subscribe(() => {})],
    ['next()', (signal) => signal[Symbol.asyncIterator]().next()],
  ])('the first %s starts one read, later ones none', async (_, look) => {
    const storage = slowBackend();
    const { entry } = setUp({ storage });
    expect(storage.reads).toBe(0);
    look(entry.expiry);
    look(entry.credentials);
    look(entry.timeLeft());
    look(entry.expiry);
    expect(storage.reads).toBe(1);
    await turns();
    expect(entry.expiry.value.status).toBe('absent');
    look(entry.expiry);
    await turns();
    expect(storage.reads).toBeLessThanOrEqual(2);
  });

  test('so does until', async () => {
    const storage = slowBackend();
    const { entry } = setUp({ storage });
    await entry.until('absent');
    expect(storage.reads).toBe(1);
  });

  test('a value read twice at once starts no second read, and once answered none', async () => {
    const storage = slowBackend();
    const { entry } = setUp({ storage });
    expect(entry.expiry.value).toBe(entry.expiry.value);
    await turns();
    for (let time = 0; time < 100; time += 1) expect(entry.expiry.value.status).toBe('absent');
    await turns();
    expect(storage.reads).toBe(1);
  });

  test("unobserved it gives this store's last read; get() is the truth and publishes what it read", async () => {
    const inner = memoryBackend();
    const clock = countingClock();
    const here = createCredentialStore({ storage: slowBackend(inner), clock }).entry();
    const elsewhere = createCredentialStore({ storage: slowBackend(inner), clock }).entry();
    expect(await here.get()).toBeUndefined();
    await elsewhere.set(tokens(START));
    expect(here.expiry.value.status).toBe('absent');
    await turns();
    expect(here.expiry.value.status).toBe('absent');
    expect((await here.get())?.access_token).toBe(`access-${START}`);
    expect(here.expiry.value.status).toBe('fresh');
    expect(here.credentials.value?.access_token).toBe(`access-${START}`);
  });

  test('the last read is judged by the clock', async () => {
    const { clock, entry } = setUp({ storage: slowBackend() });
    await entry.set(tokens(START));
    await entry.get();
    clock.jump(2 * HOUR);
    expect(entry.expiry.value.status).toBe('expired');
    expect(entry.timeLeft().value).toBe(0);
  });

  test('what was written is there at once, without another read', async () => {
    const storage = slowBackend();
    const { entry } = setUp({ storage });
    await entry.set(tokens(START));
    const reads = storage.reads;
    expect(entry.expiry.value.status).toBe('fresh');
    expect(storage.reads).toBe(reads);
  });

  test('observed again after a while, it is read again', async () => {
    const inner = memoryBackend();
    const clock = countingClock();
    const here = createCredentialStore({ storage: slowBackend(inner), clock }).entry();
    const elsewhere = createCredentialStore({ storage: slowBackend(inner), clock }).entry();
    here.expiry.subscribe(() => {})();
    await turns();
    await elsewhere.set(tokens(START));
    const seen = statusesOf(here);
    await turns();
    expect(seen.at(-1)).toBe('fresh');
  });
});

describe('reads that overlap', () => {
  test('never publish the older over the newer, whichever is answered first', async () => {
    const { storage, reads } = handBackend();
    const entry = createCredentialStore({ storage, clock: countingClock() }).entry();
    const [older, newer] = [await textOf('older'), await textOf('newer')];
    const first = entry.get();
    const second = entry.get();
    await turns();
    expect(reads).toHaveLength(2);
    reads[1]!.resolve(newer);
    expect((await second)?.access_token).toBe('newer');
    reads[0]!.resolve(older);
    await first;
    expect(entry.credentials.value?.access_token).toBe('newer');
  });

  test('a read that began before a write does not undo it', async () => {
    const { storage, reads, letting } = handBackend();
    const entry = createCredentialStore({ storage, clock: countingClock() }).entry();
    const older = await textOf('older');
    const early = entry.get();
    await turns();
    await letting(() => entry.set({ access_token: 'written', expires_in: null }));
    reads[0]!.resolve(older);
    await early;
    expect(entry.credentials.value?.access_token).toBe('written');
  });

  test('a first read that failed at once is made again at the next value', () => {
    const inner = memoryBackend();
    let fails = true;
    const store = createCredentialStore({
      onError: () => {},
      storage: {
        ...inner,
        get(key) {
          if (fails) throw new Error('not yet');
          return inner.get(key);
        },
      },
    });
    const { expiry } = store.entry();
    expect(expiry.value).toMatchObject({ status: 'loading', error: { name: 'StorageUnavailableError' } });
    fails = false;
    expect(expiry.value).toMatchObject({ status: 'absent', error: undefined });
    expect(store.health.value.status).toBe('ok');
  });

  test('a record that stays damaged gives the same objects, and is told once', async () => {
    const inner = memoryBackend();
    const told: unknown[] = [];
    const entry = createCredentialStore({ storage: inner, onError: (error) => told.push(error) }).entry();
    await entry.set(tokens(START));
    const [key] = [...(inner.keys('') as string[])];
    await inner.compareAndSet(key!, inner.get(key!) as string, 'garbage');
    const first = entry.expiry.getSnapshot();
    expect(first.error?.name).toBe('CorruptRecordError');
    expect(entry.expiry.getSnapshot()).toBe(first);
    expect(entry.expiry.value).toBe(first);
    expect(told).toHaveLength(1);
  });

  test('storage that answers again is read by itself while observed', async () => {
    const inner = slowBackend();
    let fails = true;
    const clock = countingClock();
    const told: unknown[] = [];
    const entry = createCredentialStore({
      clock,
      onError: (error) => told.push(error),
      storage: {
        ...inner,
        get: async (key) => {
          if (fails) throw new Error('not yet');
          return inner.get(key);
        },
      },
    }).entry();
    entry.expiry.subscribe(() => {});
    await clock.advance(600_000);
    expect(entry.expiry.value.status).toBe('loading');
    expect(told).toHaveLength(1);
    fails = false;
    await clock.advance(61_000);
    expect(entry.expiry.value.status).toBe('absent');
  });

  test('a read that fails late does not hide what was read after it', async () => {
    const { storage, reads } = handBackend();
    const entry = createCredentialStore({ storage, clock: countingClock() }).entry();
    const newer = await textOf('newer');
    const first = entry.get();
    const second = entry.get();
    await turns();
    reads[1]!.resolve(newer);
    await second;
    reads[0]!.reject(new Error('too late'));
    await expect(first).rejects.toThrow();
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
  });

  test('a hint during a read has storage read once more', async () => {
    const { storage, reads } = handBackend();
    let hint!: (key: string | undefined) => void;
    const entry = createCredentialStore({
      storage: {
        ...storage,
        subscribe: (listener) => {
          hint = listener;
          return () => {};
        },
      },
      clock: countingClock(),
    }).entry();
    const [older, newer] = [await textOf('older'), await textOf('newer')];
    const seen = valuesOf(entry.credentials);
    for (let time = 0; time < 10; time += 1) hint(undefined);
    expect(reads).toHaveLength(1);
    reads[0]!.resolve(older);
    await turns();
    expect(reads).toHaveLength(2);
    reads[1]!.resolve(newer);
    await turns();
    expect(seen.at(-1)?.access_token).toBe('newer');
    expect(reads).toHaveLength(2);
  });
});

/** A backend whose reads fail until it is told otherwise. */
function failingNow(isSlow: boolean) {
  const inner = isSlow ? slowBackend() : memoryBackend();
  const state = { fails: true };
  const storage: StorageBackend = {
    ...inner,
    get(key) {
      if (!state.fails) return inner.get(key);
      if (isSlow) return Promise.reject(new Error('unplugged'));
      throw new Error('unplugged');
    },
  };
  if (isSlow) Object.assign(storage, { reads: 0 });
  return { storage, state };
}

describe('a read that fails', () => {
  test.each([false, true])('at first: loading, with the error, never absent (slow: %s)', async (isSlow) => {
    const { storage } = failingNow(isSlow);
    const { entry } = setUp({ storage });
    const seen = valuesOf(entry.expiry);
    await turns();
    expect(seen.map(({ status }) => status)).not.toContain('absent');
    expect(seen.at(-1)!.status).toBe('loading');
    expect(seen.at(-1)!.error).toBeInstanceOf(StorageUnavailableError);
    expect(entry.credentials.value).toBeUndefined();
    expect(entry.timeLeft().value).toBeNull();
  });

  test.each([false, true])(
    'later: keeps the last known record and sets error; the next read clears it (slow: %s)',
    async (isSlow) => {
      const { storage, state } = failingNow(isSlow);
      state.fails = false;
      const { clock, entry } = setUp({ storage });
      await entry.set(tokens(START));
      const seen = valuesOf(entry.expiry);
      const seenCredentials = valuesOf(entry.credentials);
      await turns();
      state.fails = true;
      await expect(entry.get()).rejects.toBeInstanceOf(StorageUnavailableError);
      expect(seen.at(-1)).toMatchObject({ status: 'fresh', expiresAt: new Date(START + HOUR) });
      expect(seen.at(-1)!.error).toBeInstanceOf(StorageUnavailableError);
      expect(seenCredentials).toHaveLength(1);
      await clock.advance(HOUR);
      expect(seen.at(-1)!.status).toBe('expired');
      state.fails = false;
      await entry.get();
      expect(seen.at(-1)).toMatchObject({ status: 'expired', error: undefined });
    },
  );

  test('storage that answers again is read on wake', async () => {
    const host = stubHost();
    const { storage, state } = failingNow(true);
    const { entry } = setUp({ storage });
    const seen = statusesOf(entry);
    await turns();
    state.fails = false;
    host.dispatch('focus');
    await turns();
    expect(seen).toEqual(['loading', 'absent']);
    expect(entry.expiry.value.error).toBeUndefined();
  });

  test('reading value never throws, and a failing background read rejects nowhere', async () => {
    const { storage } = failingNow(false);
    const { entry } = setUp({ storage });
    expect(() => [entry.expiry.value, entry.credentials.value, entry.timeLeft().value]).not.toThrow();
    await turns();
  });
});
