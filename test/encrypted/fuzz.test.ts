import { inspect } from 'node:util';
import fc from 'fast-check';
import superjson from 'superjson';
import { describe, test } from 'vitest';
import { DecryptionError, encryptedBackend } from '../../src/encrypted/index.js';
import {
  createCredentialStore,
  isShelflifeError,
  memoryBackend,
  parseCredentials,
  type StorageBackend,
} from '../../src/index.js';
import { hostileText, hostileValue, mutate, mutations, secretsIn } from './hostile.js';
import { keyOf, put, stored } from './support.js';

const records = process.env['SOAK'] ? 200_000 : 2000;
const key = 'shelflife:default';
const builtIns = [Object, Array, Function, String, Date, Map].map(({ prototype }) => prototype as object);
const builtInMembers = countMembers();

/** What a call came to: its value, or an error of ours that shows nothing of the secrets. */
async function outcomeOf(secrets: readonly string[], call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (!isShelflifeError(error)) throw error;
    const shown = `${inspect(error)} ${JSON.stringify(error)}`;
    demand(!secrets.some((secret) => shown.includes(secret)), `no secret in: ${shown}`);
    return error;
  }
}

/** Vitest's own assertions would take most of the time. */
function demand(isKept: boolean, rule: string): void {
  if (!isKept) throw new Error(`Expected ${rule}`);
}

function countMembers(): string {
  return builtIns.map((prototype) => Reflect.ownKeys(prototype).length).join();
}

function demandHarmless(outcome: unknown): void {
  demand(isShelflifeError(outcome) || Object.isFrozen(outcome), 'an error of ours, or what is frozen');
  demandCleanPrototypes();
}

function demandCleanPrototypes(): void {
  demand(countMembers() === builtInMembers && !('polluted' in {}), 'prototypes as they were');
}

describe(`${records} generated records`, { timeout: 3_600_000 }, () => {
  test('pass the border or are refused: no crash, no pollution, no token in an error', async () => {
    await fc.assert(
      fc.asyncProperty(hostileValue, async (value) => {
        const outcome = await outcomeOf(secretsIn(value), () => parseCredentials(value));
        demandHarmless(outcome);
      }),
      { numRuns: records },
    );
  });

  test('are read by the codec or refused, hostile and damaged ones alike', async () => {
    const storage = memoryBackend();
    const store = createCredentialStore({ storage, onError: () => {} });
    await store.entry('real').set({ access_token: 'secret-real-token', issued_at: new Date(), big: 10n });
    const real = await stored(storage, 'shelflife:real');
    await fc.assert(
      fc.asyncProperty(hostileText, mutations, async (text, changes) => {
        for (const attempt of [text, mutate(real, changes)]) {
          await put(storage, key, attempt);
          const session = store.entry();
          const outcome = await outcomeOf(['secret-real-token', ...secretsIn(attempt)], () => session.get());
          demandHarmless(outcome);
        }
      }),
      { numRuns: records },
    );
  });

  test('are encrypted and come back as they were; changed ciphertexts are refused', async () => {
    const inner = memoryBackend();
    const open = (storage: StorageBackend) => encryptedBackend(storage, { keys: keyOf(1) });
    const writer = open(inner);
    await fc.assert(
      fc.asyncProperty(hostileText, mutations, async (text, changes) => {
        await put(writer, key, text);
        const ciphertext = await stored(inner, key);
        demand((await open(inner).get(key)) === text, 'what was written');
        const changed = mutate(ciphertext, changes);
        const copy = memoryBackend();
        for (const attempt of [changed, text]) {
          await put(copy, key, attempt);
          const outcome = await outcomeOf(secretsIn(text), () => open(copy).get(key));
          const isSame = outcome === text && bytesOf(attempt) === bytesOf(ciphertext);
          demand(isSame || outcome instanceof DecryptionError, `to be refused: ${attempt}`);
          demand((await copy.get(key)) === attempt, 'what is stored to stay');
        }
        await put(writer, key, undefined);
        demandCleanPrototypes();
      }),
      { numRuns: records },
    );
  });

  test('in plain text that an encrypted backend takes over do no more than fail', async () => {
    const inner = memoryBackend();
    const storage = encryptedBackend(inner, { keys: keyOf(1), plaintext: 'migrate' });
    const session = createCredentialStore({ storage, onError: () => {} }).entry();
    await fc.assert(
      fc.asyncProperty(hostileValue, async (value) => {
        let text: string;
        try {
          text = superjson.stringify(value);
        } catch {
          return;
        }
        await put(inner, key, text);
        const outcome = await outcomeOf(secretsIn(text), () => session.get());
        demandHarmless(outcome);
      }),
      { numRuns: records },
    );
  });
});

/** The last character of a part in base64url has bits that mean nothing. */
function bytesOf(jwe: string): string {
  return jwe
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('hex'))
    .join();
}
