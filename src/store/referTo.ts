/** What may go when nobody else holds it. */
export interface Reference<T> {
  deref(): T | undefined;
}

/** Refers to something and holds it. */
export function holdOn<T extends object>(target: T): Reference<T> {
  return { deref: () => target };
}

/** Refers to something without holding it. Where the host has no `WeakRef` (older React Native), it is held. */
export function referTo<T extends object>(target: T): Reference<T> {
  const { WeakRef: Weak } = globalThis as { readonly WeakRef?: typeof WeakRef };
  return Weak ? new Weak(target) : holdOn(target);
}
