import type { MaybePromise } from '../../storage/StorageBackend.js';

/** Taken at load: with a runner's fake timers, switched on later, no bound would ever be reached. */
const { setTimeout, clearTimeout } = globalThis;

/** Longer than storage takes, shorter than the default timeout of most runners, so that the sentence is seen. */
const BOUND = 4000;

/** Waits for an answer, but not for ever: every promise of a backend settles. */
export async function within<T>(call: string, ask: () => MaybePromise<T>, bound: number = BOUND): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${call} settles, but it had not after ${bound} ms`)), bound);
  });
  try {
    return await Promise.race([ask(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets some time pass, in which what should not happen could. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
}
