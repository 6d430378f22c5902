import type { AsyncEntry } from '@napi-rs/keyring';
import type { KeySource, OpenedKey } from '../encrypted/KeySource.js';
import { digestOf, fromBase64url, importKey, keyLength, toBase64url } from '../encrypted/webCrypto.js';
import { KeyMissingError } from '../errors/KeyMissingError.js';
import { KeyUnavailableError } from '../errors/KeyUnavailableError.js';
import { missingPackage } from '../errors/MissingPackageError.js';
import { fileBackend } from '../storage/file.js';

/** Options of `keychainKey`. */
export interface KeychainKeyOptions {
  /** What the entry in the keychain is for: the name of your program. */
  readonly service: string;
  /** Tells several keys of a program apart. Default is `'shelflife'`. */
  readonly account?: string;
}

/** How long another process may take to make the key, in milliseconds. */
const patience = 30_000;

/**
 * A random key in the keychain of the system: Keychain on macOS, Credential Manager on Windows, the Secret Service on
 * Linux (GNOME Keyring, KWallet). Needs the package `@napi-rs/keyring`.
 *
 * Only the key is there; the records stay where the encrypted backend keeps them, since Windows takes no more than 1,280
 * characters. It is made at the first write, once also where several processes start at the same moment. Where
 * it is gone though records of it exist, no new one is made.
 *
 * @throws {TypeError} Where an option is of the wrong type.
 *
 * @example
 * ```ts
 * const storage = encryptedBackend(fileBackend({ app: 'my-tool' }), { keys: keychainKey({ service: 'my-tool' }) });
 * ```
 */
export function keychainKey(options: KeychainKeyOptions): KeySource {
  const { service, account = 'shelflife' } = options ?? {};
  for (const [option, value] of Object.entries({ service, account })) {
    if (typeof value === 'string' && value !== '' && !value.includes('\0')) continue;
    throw new TypeError(`keychainKey: \`${option}\` must be a string that is not empty and has no NUL.`);
  }
  const name = `keychain:${encodeURIComponent(service)}:${encodeURIComponent(account)}`;

  return {
    name,
    async open({ create = true } = {}) {
      const entry = await openEntry(service, account);
      try {
        const kept = (await entry.getPassword()) ?? (create ? await make(entry, name) : undefined);
        if (kept) return await toKey(kept, name);
      } catch (cause) {
        if (cause instanceof KeyUnavailableError) throw cause;
        throw new KeyUnavailableError(
          `The key "${name}" can't be had: the keychain of the system is locked, refuses it, or isn't there. ` +
            'Unlock it; on Linux, a Secret Service has to run (GNOME Keyring, KWallet).',
          { cause },
        );
      }
      throw new KeyMissingError(
        `The key "${name}" is not in the keychain, though there are records that it encrypted. They were left alone.`,
      );
    },
  };
}

async function openEntry(service: string, account: string): Promise<AsyncEntry> {
  let keyring;
  try {
    keyring = await import('@napi-rs/keyring');
  } catch (cause) {
    throw new KeyMissingError(missingPackage('shelflife/keychain', '@napi-rs/keyring'), { cause });
  }
  try {
    // The kernel's keyring, which it would fall back to, forgets everything with the next restart.
    return new keyring.AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  } catch (cause) {
    throw new KeyUnavailableError('There is no keychain here. On Linux, a Secret Service has to run.', {
      cause,
    });
  }
}

/** Keychains know no "unless it is there", so processes take turns by a lock file. */
async function make(entry: AsyncEntry, name: string): Promise<string> {
  const locks = fileBackend({ app: 'shelflife' });
  try {
    const lease = await locks.lease!(name, { signal: AbortSignal.timeout(patience) });
    try {
      const kept = await entry.getPassword();
      if (kept) return kept;
      await entry.setPassword(toBase64url(crypto.getRandomValues(new Uint8Array(keyLength))));
      const made = await entry.getPassword();
      if (made) return made;
      throw new Error('It forgot the key at once.');
    } finally {
      await lease.release();
    }
  } finally {
    await locks.close?.();
  }
}

async function toKey(kept: string, name: string): Promise<OpenedKey> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = fromBase64url(kept);
  } catch {
    // It is told below, and what was found is no business of an error.
  }
  if (bytes?.length !== keyLength)
    throw new KeyMissingError(
      `The entry of "${name}" in the keychain holds something else. It was left alone: name another \`account\`.`,
    );
  return { id: `${name}:${await digestOf(name, bytes)}`, key: await importKey(name, bytes) };
}
