import {
  getCurrentInstance,
  getCurrentScope,
  inject,
  onMounted,
  onScopeDispose,
  type ShallowRef,
  shallowReadonly,
  shallowRef,
  ssrContextKey,
  toRaw,
} from 'vue';
import type { Credentials } from '../credentials/Credentials.js';
import type { Expiry } from '../expiry/Expiry.js';
import type { Signal } from '../signals/Signal.js';
import type { CredentialEntry } from '../store/CredentialEntry.js';

/**
 * A read-only ref with the value of a signal, current until the effect scope (a component's, say) ends.
 *
 * It has the value at once, so nothing flashes; on a server and until a page has taken over what a server rendered,
 * it is the signal's server snapshot: `loading`, `undefined` or `null`, never a stored token.
 *
 * Keep stores and entries in constants or in a `shallowRef`: Vue's deep proxies can't stand for them. These functions
 * take one out of its proxy.
 *
 * @throws {TypeError} where it is called outside of an effect scope, since nothing would release it.
 *
 * @example
 * ```ts
 * const health = useSignal(store.health);
 * ```
 */
export function useSignal<T>(signal: Signal<T>): Readonly<ShallowRef<T>> {
  return observe('useSignal', toRaw(signal));
}

/**
 * A ref with the credentials of an entry; `undefined` while they are loading and when signed out.
 *
 * @throws {TypeError} where it is called outside of an effect scope.
 *
 * @example
 * ```ts
 * const credentials = useCredentials(session);
 * ```
 */
export function useCredentials(entry: CredentialEntry): Readonly<ShallowRef<Credentials | undefined>> {
  return observe('useCredentials', toRaw(entry).credentials);
}

/**
 * A ref with the expiry of an entry. While the scope lives, the entry refreshes by itself.
 *
 * @throws {TypeError} where it is called outside of an effect scope.
 *
 * @example
 * ```ts
 * const expiry = useExpiry(session); // {{ expiry.status }} in the template
 * ```
 */
export function useExpiry(entry: CredentialEntry): Readonly<ShallowRef<Expiry>> {
  return observe('useExpiry', toRaw(entry).expiry);
}

/**
 * A ref with the whole seconds that are left until an entry expires; `null` without a deadline. `every` in
 * milliseconds, 1000 by default, is how often it changes.
 *
 * @throws {TypeError} where it is called outside of an effect scope.
 *
 * @example
 * ```ts
 * const seconds = useTimeLeft(session, { every: 60_000 });
 * ```
 */
export function useTimeLeft(
  entry: CredentialEntry,
  options?: { every?: number | undefined },
): Readonly<ShallowRef<number | null>> {
  return observe('useTimeLeft', toRaw(entry).timeLeft(options));
}

function observe<T>(hook: string, signal: Signal<T>): Readonly<ShallowRef<T>> {
  const scope = getCurrentScope();
  if (!scope) {
    throw new TypeError(
      `${hook}() was called outside of an effect scope. Call it in setup(), in <script setup>, or inside effectScope().run().`,
    );
  }
  const component = getCurrentInstance();
  const value = shallowRef() as ShallowRef<T>;
  const start = (): void => {
    const subscription = signal.subscribe((next) => {
      value.value = next;
    });
    onScopeDispose(subscription);
  };
  const isOnServer = component && inject(ssrContextKey, undefined);
  // What a server rendered is in the page already: the first render has to be the same.
  const isTakingOver = component?.vnode.el;
  if (isOnServer || isTakingOver) value.value = signal.getServerSnapshot();
  else start();
  if (isTakingOver && !isOnServer) onMounted(() => scope.run(start));
  return shallowReadonly(value);
}
