import { readFileSync } from 'node:fs';
import { errorCode } from './errorCode.js';

/** What Linux says of a thread. */
export interface ThreadStatus {
  /** A letter: `R` running, `S` sleeping, `T` stopped, `Z` and `X` dead. */
  readonly state: string;
  /** Ticks between the boot and its start. */
  readonly started: string;
}

/** Asks the system about a thread: `null` if there is none such, `undefined` if it does not say. */
export function threadStatus(pid: number, thread: number): ThreadStatus | null | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    // The second field, the name, is in parentheses and may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    return state && started ? { state, started } : undefined;
  } catch (error) {
    return ['ENOENT', 'ESRCH'].includes(errorCode(error)) ? null : undefined;
  }
}
