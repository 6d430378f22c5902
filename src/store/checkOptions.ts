import { systemClock } from '../expiry/Clock.js';
import { defaultLeeway } from '../expiry/expiryOf.js';
import type { Codec } from '../codec/Codec.js';
import { storageKey } from '../record/storageKeys.js';
import type { CredentialStoreOptions } from '../state/CredentialStoreOptions.js';
import type { CheckedOptions } from '../state/model.js';

const defaults = {
  autoRefresh: true,
  leeway: defaultLeeway,
  unknownExpiry: 'queue',
  namespace: 'shelflife',
  clock: systemClock,
  timeout: 10_000,
  refreshTimeout: 30_000,
  rejectedCodes: [],
};

/** What each option must be: a type, an object with methods, or one of several values. */
const expected: Record<keyof CredentialStoreOptions, string> = {
  storage: 'object with the methods get, compareAndSet, keys',
  refresh: 'function',
  autoRefresh: 'boolean',
  leeway: 'number of 0 or more',
  unknownExpiry: '"queue" or "trust"',
  codec: 'object with the methods encode, decode',
  namespace: 'string',
  clock: 'object with the methods now, setTimeout, clearTimeout',
  timeout: 'number of 0 or more',
  refreshTimeout: 'number of 0 or more',
  rejectedCodes: 'array of strings',
  onError: 'function',
};

function isAsExpected(value: unknown, wanted: string): boolean {
  const [, methods] = wanted.split(' methods ');
  if (methods)
    return methods
      .split(', ')
      .every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function');
  if (Array.isArray(value))
    return wanted.startsWith('array') && value.every((code) => typeof code === 'string');
  if (typeof value === 'number') return wanted.startsWith('number') && value >= 0;
  return (
    typeof value === wanted || (typeof value === 'string' && wanted.split(' or ').includes(`"${value}"`))
  );
}

/** Refuses options of the wrong type, by name, and fills in the defaults. */
export function checkOptions(options: CredentialStoreOptions, codec: Codec): CheckedOptions {
  const missing: Record<string, unknown> = { ...defaults, codec };
  const checked: Record<string, unknown> = { ...missing, ...options };
  for (const [name, wanted] of Object.entries(expected)) {
    if (checked[name] === undefined) checked[name] = missing[name];
    const value = checked[name];
    if ((value === undefined && name !== 'storage') || isAsExpected(value, wanted)) continue;
    throw new TypeError(`The option "${name}" must be: ${wanted}.`);
  }
  const complete = checked as unknown as CheckedOptions;
  storageKey(complete.namespace, '');
  return complete;
}
