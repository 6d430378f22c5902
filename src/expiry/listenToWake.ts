interface Target {
  addEventListener?(type: string, listener: (event: { readonly type: string }) => void): void;
  removeEventListener?(type: string, listener: (event: { readonly type: string }) => void): void;
  readonly visibilityState?: string;
}

/**
 * Calls back when the host may have been asleep, frozen, throttled, in the back/forward cache or offline. None of
 * the events keeps a page out of that cache. Returns a function that stops listening.
 */
export function listenToWake(wake: (online: boolean) => void): () => void {
  const host = globalThis as Target & { readonly document?: Target };
  const { document } = host;
  const listener = ({ type }: { readonly type: string }): void => {
    if (document?.visibilityState !== 'hidden' || type === 'online') wake(type === 'online');
  };
  const events: [Target | undefined, string][] = [
    [document, 'visibilitychange'],
    [document, 'resume'],
    [host, 'pageshow'],
    [host, 'focus'],
    [host, 'online'],
  ];
  for (const [target, type] of events) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type] of events) target?.removeEventListener?.(type, listener);
  };
}
