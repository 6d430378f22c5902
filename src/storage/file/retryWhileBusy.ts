import { platform } from 'node:process';
import { delay } from './delay.js';
import { errorCode } from './errorCode.js';

const PATIENCE = 2000;

/** Runs a rename or removal again while Windows refuses it because a virus scanner or a reader has the file open. */
export async function retryWhileBusy(run: () => Promise<void>): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    try {
      return await run();
    } catch (error) {
      const busy = platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error));
      if (!busy || performance.now() > giveUp) throw error;
      await delay(pause);
    }
  }
}
