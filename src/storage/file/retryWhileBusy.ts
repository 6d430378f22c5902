import { platform } from 'node:process';
import { delay } from './delay.js';
import { errorCode } from './errorCode.js';

const PATIENCE = 2000;

const TOO_MANY_OPEN = ['EMFILE', 'ENFILE'];
const OPEN_ELSEWHERE = ['EPERM', 'EACCES', 'EBUSY'];

/** Whether something failed because the process, or the system, has too many files open. */
export function isTooManyOpen(error: unknown): boolean {
  return TOO_MANY_OPEN.includes(errorCode(error));
}

/**
 * Runs something on a file again while the process has too many files open, or while Windows refuses it because a
 * virus scanner or a reader has the file open.
 */
export async function retryWhileBusy<T>(run: () => Promise<T>): Promise<T> {
  const giveUp = performance.now() + PATIENCE;
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    try {
      return await run();
    } catch (error) {
      const code = errorCode(error);
      const isBusy = isTooManyOpen(error) || (platform === 'win32' && OPEN_ELSEWHERE.includes(code));
      if (!isBusy || performance.now() > giveUp) throw error;
      await delay(pause);
    }
  }
}
