import { systemClock } from '../expiry/Clock.js';
import { defaultLeeway } from '../expiry/expiryOf.js';
import type { CredentialStoreOptions } from './CredentialStore.js';
import { keyPrefix } from './storageKeys.js';
import { superjsonCodec } from './superjsonCodec.js';

const defaults = {
  autoRefresh: true,
  leeway: defaultLeeway,
  unknownExpiry: 'queue',
  codec: superjsonCodec,
  namespace: 'shelflife',
  clock: systemClock,
  timeout: 10_000,
  refreshTimeout: 30_000,
} as const;

type Defaulted = keyof typeof defaults;

/** Options with their defaults filled in. */
export type CheckedOptions = CredentialStoreOptions & Required<Pick<CredentialStoreOptions, Defaulted>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isDuration = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const hasMethods =
  (...names: string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => isFunction((value as Record<string, unknown>)[name]));

const checks: {
  readonly [Name in keyof CredentialStoreOptions]-?: readonly [(value: unknown) => boolean, string];
} = {
  storage: [
    hasMethods('get', 'compareAndSet', 'keys'),
    'a storage backend, such as indexedDBBackend() from "shelflife/indexeddb"',
  ],
  refresh: [isFunction, 'a function'],
  autoRefresh: [(value) => typeof value === 'boolean', 'a boolean'],
  leeway: [isDuration, 'a number of seconds, not negative'],
  unknownExpiry: [(value) => value === 'queue' || value === 'trust', '"queue" or "trust"'],
  codec: [hasMethods('encode', 'decode'), 'an object with the methods encode and decode'],
  namespace: [(value) => typeof value === 'string', 'a string'],
  clock: [
    hasMethods('now', 'setTimeout', 'clearTimeout'),
    'an object with the methods now, setTimeout and clearTimeout',
  ],
  timeout: [isDuration, 'a number of milliseconds, not negative'],
  refreshTimeout: [isDuration, 'a number of milliseconds, not negative'],
  onError: [isFunction, 'a function'],
};

/** Refuses options of the wrong type, by name, and fills in the defaults. */
export function checkOptions(options: CredentialStoreOptions): CheckedOptions {
  const checked: Record<string, unknown> = { ...defaults };
  for (const [name, [isValid, expected]] of Object.entries(checks)) {
    const value = (options as unknown as Record<string, unknown> | undefined)?.[name];
    if (value === undefined && name !== 'storage') continue;
    if (!isValid(value)) throw new TypeError(`The option "${name}" must be ${expected}.`);
    checked[name] = value;
  }
  keyPrefix(checked['namespace'] as string);
  return checked as unknown as CheckedOptions;
}
