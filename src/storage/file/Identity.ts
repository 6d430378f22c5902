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
  /** Random, one for each owner. */
  readonly nonce: string;
}

/** Reads an id file; `undefined` if it is not whole. */
export function parseIdentity(text: string): Identity | undefined {
  let value: Partial<Record<keyof Identity, unknown>> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  const whole =
    typeof value === 'object' &&
    value !== null &&
    isProcessId(value.pid) &&
    isProcessId(value.thread) &&
    isTextOrNull(value.started) &&
    typeof value.machine === 'string' &&
    isTextOrNull(value.namespace) &&
    typeof value.nonce === 'string' &&
    /^[0-9a-f]{32}$/.test(value.nonce);
  return whole ? (value as Identity) : undefined;
}

// `process.kill` takes zero and negative numbers for groups of processes.
function isProcessId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
