import { vi } from 'vitest';

interface Waiter {
  readonly grant: () => void;
}

/** Web Locks of one page, with what only tests can do: steal, refuse, and look inside. */
export class FakeLocks {
  readonly held = new Map<string, { readonly lose: () => void }>();
  readonly requested: string[] = [];
  refusal: DOMException | undefined;
  readonly #waiters = new Map<string, Waiter[]>();

  request(
    name: string,
    { signal }: { readonly signal: AbortSignal },
    callback: () => unknown,
  ): Promise<unknown> {
    this.requested.push(name);
    if (this.refusal) return Promise.reject(this.refusal);
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(name) ?? [];
      this.#waiters.set(name, waiters);
      const grant = (): void => {
        this.held.set(name, { lose: () => free(() => reject(new DOMException('Stolen.', 'AbortError'))) });
        const free = (settle: () => void): void => {
          if (!this.held.delete(name)) return;
          settle();
          waiters.shift()?.grant();
        };
        void Promise.resolve(callback()).then((value) => setTimeout(() => free(() => resolve(value))));
      };
      const waiter = { grant: () => setTimeout(grant) };
      signal.addEventListener('abort', () => {
        // As in browsers, an abort comes too late once the grant is on its way.
        if (waiters.includes(waiter)) {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(signal.reason as Error);
        }
      });
      if (signal.aborted) reject(signal.reason as Error);
      else if (this.held.has(name) || waiters.length > 0) waiters.push(waiter);
      else grant();
    });
  }
}

/** Makes the runtime look like a page of a browser with Web Locks. */
export function stubLocks(page: { readonly secure: boolean | undefined } = { secure: true }): FakeLocks {
  const locks = new FakeLocks();
  vi.stubGlobal('isSecureContext', page.secure);
  vi.stubGlobal('navigator', { locks });
  return locks;
}
