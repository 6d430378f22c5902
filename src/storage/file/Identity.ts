/** Who holds a lock: what an owner's id file says. */
export interface Identity {
  /** The process id, as its own process namespace counts. */
  readonly pid: number;
  /** The system's id of the thread: a worker can end while its process lives. The same as `pid` for the main thread. */
  readonly thread: number;
  /** When that thread started, in the system's ticks, as ids are used again; null where the system does not say. */
  readonly started: string | null;
  /** The boot of the machine, or its name where there is no such id. */
  readonly machine: string;
  /** The process namespace; null where there are none. */
  readonly namespace: string | null;
  /** The time namespace, by whose offset start times are shifted; null where there are none. */
  readonly timeNamespace: string | null;
  /** Random, one for each owner. */
  readonly nonce: string;
}

/** Reads an id file; `undefined` if it is not whole. */
export function parseIdentity(text: string): Identity | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isIdentity(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is Identity {
  if (typeof value !== 'object' || value === null) return false;
  const members: Partial<Record<keyof Identity, unknown>> = value;
  // Version 0.1.0 wrote none: it is then in another one than anybody, and its start time is not compared.
  const { pid, thread, started, machine, namespace, timeNamespace = '', nonce } = members;
  return (
    [pid, thread].every(isProcessId) &&
    [started, namespace, timeNamespace].every((each) => each === null || typeof each === 'string') &&
    typeof machine === 'string' &&
    typeof nonce === 'string' &&
    /^[0-9a-f]{32}$/.test(nonce)
  );
}

// `process.kill` takes zero and negative numbers for groups of processes.
function isProcessId(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
