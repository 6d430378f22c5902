import type { MaybePromise } from '../../storage/StorageBackend.js';

/** Taken at load: with a runner's fake timers, switched on later, no bound would ever be reached. */
const { setTimeout, clearTimeout } = globalThis;

/** Longer than storage takes, shorter than the default timeout of most runners, so that the sentence is seen. */
const BOUND = 4000;

/**
 * Makes a call that has to succeed, and waits for its answer, but not for ever: every promise of a backend
 * settles.
 */
export async function within<T>(
  call: string,
  make: () => MaybePromise<T>,
  bound: number = BOUND,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error(`${call} settles, but it had not after ${bound} ms`);
    timer = setTimeout(() => reject(error), bound);
  });
  try {
    return await Promise.race([succeed(call, make), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function succeed<T>(call: string, make: () => MaybePromise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new Error(`${call} succeeds, but it failed: ${String(error)}`, { cause: error });
  }
}

/** Lets some time pass, in which what should not happen could. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
}
