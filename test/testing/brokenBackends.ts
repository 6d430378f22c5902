import type { MaybePromise, StorageBackend } from '../../src/storage/StorageBackend.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { mapBackend } from './mapBackend.js';

/** A mistake that a backend can be made with, and tests that have to find it. */
export interface BrokenBackend {
  readonly mistake: string;
  readonly create: () => MaybePromise<StorageBackend>;
  readonly failing: readonly string[];
}

const turn = async (): Promise<void> => await new Promise((resolve) => void setImmediate(resolve));

export const brokenBackends: readonly BrokenBackend[] = [
  {
    mistake: 'reads, waits and then writes',
    failing: [
      'lets exactly one of several writers with the same expected value win',
      'loses none of 200 increments by 8 writers at once',
    ],
    create() {
      const values = new Map<string, string>();
      return {
        ...mapBackend(values),
        async compareAndSet(key, expected, next) {
          if (values.get(key) !== expected) return false;
          await turn();
          if (next === undefined) values.delete(key);
          else values.set(key, next);
          return true;
        },
      };
    },
  },
  {
    mistake: 'tells the winner that it lost',
    failing: [
      'reads what was written as soon as the write resolves',
      'deletes, and creates again afterwards',
    ],
    create() {
      const inner = mapBackend();
      return {
        ...inner,
        async compareAndSet(key, expected, next) {
          await inner.compareAndSet(key, expected, next);
          return false;
        },
      };
    },
  },
  {
    mistake: 'writes whatever is expected',
    failing: [
      'refuses a write that expects an older value',
      'creates only what is absent',
      'refuses a write that expects a value where nothing is stored',
    ],
    create() {
      const values = new Map<string, string>();
      return {
        ...mapBackend(values),
        compareAndSet(key, _expected, next) {
          if (next === undefined) values.delete(key);
          else values.set(key, next);
          return true;
        },
      };
    },
  },
  {
    mistake: 'resolves before it has written',
    failing: ['reads what was written as soon as the write resolves'],
    create() {
      const inner = mapBackend();
      return {
        ...inner,
        async compareAndSet(key, expected, next) {
          if ((await inner.get(key)) !== expected) return false;
          void turn().then(() => inner.compareAndSet(key, expected, next));
          return true;
        },
      };
    },
  },
  {
    mistake: 'answers 1 and 0 instead of true and false',
    failing: ['reads what was written as soon as the write resolves', 'creates only what is absent'],
    create() {
      const inner = mapBackend();
      return {
        ...inner,
        compareAndSet: (key, expected, next) => Number(inner.compareAndSet(key, expected, next)) as never,
      };
    },
  },
  {
    mistake: 'reads null for what is absent',
    failing: ['reads undefined where nothing was ever written'],
    create() {
      const inner = mapBackend();
      return { ...inner, get: async (key) => (await inner.get(key)) ?? (null as never) };
    },
  },
  {
    mistake: 'revives what looks like JSON',
    failing: ['keeps every text exactly as it is'],
    create() {
      const inner = mapBackend();
      const get = async (key: string): Promise<string | undefined> => {
        const text = await inner.get(key);
        try {
          return text && (JSON.parse(text) as string);
        } catch {
          return text;
        }
      };
      return { ...inner, get };
    },
  },
  {
    mistake: 'takes an empty value for an absent one',
    failing: ['tells an empty value from an absent one', 'keeps every text exactly as it is'],
    create() {
      const inner = mapBackend();
      return { ...inner, get: async (key) => (await inner.get(key)) || undefined };
    },
  },
  {
    mistake: 'normalises texts',
    failing: ['keeps every text exactly as it is'],
    create() {
      const inner = mapBackend();
      return { ...inner, get: async (key) => (await inner.get(key))?.normalize() };
    },
  },
  {
    mistake: 'cuts long values off',
    failing: ['keeps long values'],
    create() {
      const inner = mapBackend();
      return {
        ...inner,
        compareAndSet: (key, expected, next) => inner.compareAndSet(key, expected, next?.slice(0, 100_000)),
      };
    },
  },
  {
    mistake: 'takes upper case for lower case in keys',
    failing: ['takes any text for a key, and no two for the same'],
    create: () => withKeys((key) => key.toLowerCase()),
  },
  {
    mistake: 'normalises keys',
    failing: ['takes any text for a key, and no two for the same'],
    create: () => withKeys((key) => key.normalize('NFC')),
  },
  {
    mistake: 'cuts keys off at a NUL',
    failing: ['takes any text for a key, and no two for the same'],
    create: () => withKeys((key) => key.split('\0', 1)[0] ?? ''),
  },
  {
    mistake: 'decodes what it never encoded',
    failing: ['takes any text for a key, and no two for the same'],
    create: () => withKeys((key) => key.replaceAll('%2f', '%2F')),
  },
  {
    mistake: 'keeps values in a plain object',
    failing: ['takes names that every object has for absent until they are written'],
    create() {
      const values: Record<string, string> = {};
      return {
        ...mapBackend(),
        get: (key) => values[key],
        compareAndSet(key, expected, next) {
          if (values[key] !== expected) return false;
          if (next === undefined) delete values[key];
          else values[key] = next;
          return true;
        },
        keys: (prefix) => Object.keys(values).filter((key) => key.startsWith(prefix)),
      };
    },
  },
  {
    mistake: 'lists keys without their prefix',
    failing: ['lists whole keys, each once', 'lists by prefix, letter for letter', 'lists no deleted key'],
    create: () => withList((keys, prefix) => keys.map((key) => key.slice(prefix.length))),
  },
  {
    mistake: 'lists keys twice',
    failing: ['lists whole keys, each once', 'lists no deleted key'],
    create: () => withList((keys) => [...keys, ...keys]),
  },
  {
    mistake: 'lists by pattern',
    failing: ['lists by prefix, letter for letter'],
    create() {
      const values = new Map<string, string>();
      return {
        ...mapBackend(values),
        keys: (prefix) => [...values.keys()].filter((key) => sqlPattern(prefix).test(key)),
      };
    },
  },
  {
    mistake: 'lists what was deleted',
    failing: ['lists no deleted key'],
    create() {
      const inner = mapBackend();
      const seen = new Set<string>();
      return {
        ...inner,
        compareAndSet(key, expected, next) {
          seen.add(key);
          return inner.compareAndSet(key, expected, next);
        },
        keys: (prefix) => [...seen].filter((key) => key.startsWith(prefix)),
      };
    },
  },
  {
    mistake: 'puts the value into the hint',
    failing: ['hints with the key or nothing, never with a value'],
    create: () => withHints((_key, value) => value),
  },
  {
    mistake: 'goes on hinting after the subscription ended',
    failing: ['ends a subscription as often as it is told to'],
    create() {
      const backend = withHints((key) => key);
      return {
        ...backend,
        subscribe(listener) {
          backend.subscribe?.(listener);
          return () => {};
        },
      };
    },
  },
  {
    mistake: 'hints while it holds its lock',
    failing: ['can be read and written from within a hint'],
    create() {
      const inner = mapBackend();
      const listeners = new Set<(key: string | undefined) => unknown>();
      let last: Promise<unknown> = Promise.resolve();
      return {
        ...inner,
        compareAndSet(key, expected, next) {
          const written = last.then(async () => {
            const won = await inner.compareAndSet(key, expected, next);
            for (const listener of listeners) listener(key);
            if (listeners.size > 0) await new Promise(() => {});
            return won;
          });
          last = written;
          return written;
        },
        subscribe(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      };
    },
  },
  {
    mistake: 'never takes a lease back',
    failing: ['grants a released lease to the one who waits', 'grants a lease to one holder at a time'],
    create: () => withLease((lease) => ({ ...lease, release: async () => {} })),
  },
  {
    mistake: 'grants a lease to all who ask',
    failing: ['grants a released lease to the one who waits', 'grants a lease to one holder at a time'],
    create: () => ({
      ...mapBackend(),
      lease: async () => ({ signal: new AbortController().signal, release: async () => {} }),
    }),
  },
  {
    mistake: 'has one lease for all keys',
    failing: ['leases different keys independently'],
    create() {
      const inner = memoryBackend();
      return { ...inner, lease: (_key, options) => inner.lease!('the same', options) };
    },
  },
  {
    mistake: 'waits for a lease whatever the signal says',
    failing: ['stops waiting for a lease when the signal says so'],
    create() {
      const inner = memoryBackend();
      return { ...inner, lease: (key) => inner.lease!(key, { signal: new AbortController().signal }) };
    },
  },
  {
    mistake: 'gives away the lease of the next holder at a second release',
    failing: ['takes a lease back once, however often it is released'],
    create() {
      const held = new Set<string>();
      return {
        ...mapBackend(),
        async lease(key, { signal }) {
          while (held.has(key)) {
            signal.throwIfAborted();
            await turn();
          }
          held.add(key);
          return { signal: new AbortController().signal, release: async () => void held.delete(key) };
        },
      };
    },
  },
  {
    mistake: 'lists its leases among the keys',
    failing: ['reads and writes a leased key'],
    create() {
      const values = new Map<string, string>();
      const inner = memoryBackend();
      return {
        ...mapBackend(values),
        async lease(key, options) {
          const lease = await inner.lease!(key, options);
          values.set(`${key}.lock`, 'held');
          return lease;
        },
      };
    },
  },
  {
    mistake: 'moves the value into quarantine',
    failing: ['puts a copy in quarantine and leaves the value where it is'],
    create() {
      const values = new Map<string, string>();
      return { ...mapBackend(values), quarantine: (key) => void values.delete(key) };
    },
  },
  {
    mistake: 'lists the quarantined copy',
    failing: [
      'puts a copy in quarantine and leaves the value where it is',
      'deletes a key whose value was quarantined',
    ],
    create() {
      const values = new Map<string, string>();
      return {
        ...mapBackend(values),
        quarantine: (key) => void values.set(`${key}.quarantined`, values.get(key) ?? ''),
      };
    },
  },
  {
    mistake: 'can be closed only once',
    failing: ['can be closed twice, and used again afterwards'],
    create() {
      let closed = false;
      return {
        ...mapBackend(),
        close() {
          if (closed) throw new Error('closed already');
          closed = true;
        },
      };
    },
  },
  {
    mistake: 'is of no use once it is closed',
    failing: ['can be closed twice, and used again afterwards'],
    create() {
      const inner = mapBackend();
      let closed = false;
      return {
        ...inner,
        get: async (key) => (closed ? await Promise.reject(new Error('closed')) : inner.get(key)),
        close: () => void (closed = true),
      };
    },
  },
  {
    mistake: 'forgets at close what it calls persistent',
    failing: ['can be closed twice, and used again afterwards'],
    create() {
      const values = new Map<string, string>();
      return { ...mapBackend(values), persistent: true, close: () => values.clear() };
    },
  },
  {
    mistake: 'never answers',
    failing: ['reads undefined where nothing was ever written'],
    create: () => ({ ...mapBackend(), get: () => new Promise(() => {}) }),
  },
  {
    mistake: 'has no name, an unknown scope and a persistence of its own kind',
    failing: ['says its name, its scope and whether it is persistent'],
    create: () => ({ ...mapBackend(), name: '', scope: 'galaxy' as never, persistent: 'rather' as never }),
  },
  {
    mistake: 'has a lease that is no method',
    failing: ['has the three methods, and of the others only methods'],
    create: () => ({ ...mapBackend(), lease: null as never }),
  },
];

function withKeys(encode: (key: string) => string): StorageBackend {
  const inner = mapBackend();
  return {
    ...inner,
    get: (key) => inner.get(encode(key)),
    compareAndSet: (key, expected, next) => inner.compareAndSet(encode(key), expected, next),
  };
}

function withList(list: (keys: string[], prefix: string) => string[]): StorageBackend {
  const values = new Map<string, string>();
  const keys = (prefix: string): string[] => [...values.keys()].filter((key) => key.startsWith(prefix));
  return { ...mapBackend(values), keys: (prefix) => list(keys(prefix), prefix) };
}

function withHints(hintOf: (key: string, value: string | undefined) => string | undefined): StorageBackend {
  const inner = mapBackend();
  const listeners = new Set<(key: string | undefined) => void>();
  return {
    ...inner,
    compareAndSet(key, expected, next) {
      const won = inner.compareAndSet(key, expected, next);
      for (const listener of listeners) listener(hintOf(key, next));
      return won;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function withLease(
  change: (lease: Awaited<ReturnType<NonNullable<StorageBackend['lease']>>>) => typeof lease,
): StorageBackend {
  const inner = memoryBackend();
  return { ...inner, lease: async (key, options) => change(await inner.lease!(key, options)) };
}

/** What `LIKE 'prefix%'` finds when nobody escaped the prefix. */
function sqlPattern(prefix: string): RegExp {
  const escaped = prefix.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('_', '.').replaceAll('%', '.*')}`, 's');
}
