import { holdTimer } from '../expiry/holdTimer.js';

/** Lets some time pass, or less where a signal aborts. It does not keep the process alive. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    holdTimer(timer, false);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
