/** Resolves when another tab is known to have changed localStorage, at the latest after so many milliseconds. */
export function nextStorageEvent(atMost: number): Promise<void> {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      listening.abort();
      resolve();
    };
    const timer = setTimeout(end, atMost);
    globalThis.addEventListener?.('storage', end, listening);
  });
}
