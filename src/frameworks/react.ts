import { useSyncExternalStore } from 'react';
import type { Credentials } from '../credentials/Credentials.js';
import type { Expiry } from '../expiry/Expiry.js';
import type { Signal } from '../signals/Signal.js';
import type { CredentialEntry } from '../store/CredentialEntry.js';

/**
 * The value of a signal, rendered again when it changes.
 *
 * The first render has the value already, so nothing flashes; on a server and while a page takes over what a server
 * rendered, it is the signal's server snapshot: `loading`, `undefined` or `null`, never a stored token. Make the
 * store outside of components: one that is made again at each render begins with `loading` each time.
 *
 * @throws {TypeError} where it is called outside of a component or a hook.
 *
 * @example
 * ```tsx
 * const { status } = useSignal(store.health);
 * ```
 */
export function useSignal<T>(signal: Signal<T>): T {
  return observe('useSignal', signal);
}

/**
 * The credentials of an entry; `undefined` while they are loading and when signed out.
 *
 * @throws {TypeError} where it is called outside of a component or a hook.
 *
 * @example
 * ```tsx
 * const signedIn = useCredentials(session) !== undefined;
 * ```
 */
export function useCredentials(entry: CredentialEntry): Credentials | undefined {
  return observe('useCredentials', entry.credentials);
}

/**
 * The expiry of an entry. While a component uses it, the entry refreshes by itself.
 *
 * @throws {TypeError} where it is called outside of a component or a hook.
 *
 * @example
 * ```tsx
 * const { status, error } = useExpiry(session);
 * ```
 */
export function useExpiry(entry: CredentialEntry): Expiry {
  return observe('useExpiry', entry.expiry);
}

/**
 * The whole seconds that are left until an entry expires; `null` without a deadline. `every` in milliseconds,
 * 1000 by default, is how often it is rendered.
 *
 * @throws {TypeError} where it is called outside of a component or a hook.
 *
 * @example
 * ```tsx
 * const seconds = useTimeLeft(session, { every: 60_000 });
 * ```
 */
export function useTimeLeft(entry: CredentialEntry, options?: { every?: number | undefined }): number | null {
  return observe('useTimeLeft', entry.timeLeft(options));
}

function observe<T>(hook: string, signal: Signal<T>): T {
  try {
    return useSyncExternalStore(signal.subscribe, signal.getSnapshot, signal.getServerSnapshot);
  } catch (error) {
    // Before its first render React has nothing to look its hooks up in; later it says so itself, in builds by number.
    if (!/useSyncExternalStore|invalid hook call|#321/i.test(String(error))) throw error;
    throw new TypeError(
      `${hook}() was called outside of a component. Call it at the top of a function component or of a hook; if it is there, the page has two copies of React.`,
      { cause: error },
    );
  }
}
