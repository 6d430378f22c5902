import { redact } from './redact.js';

/** What is kept of the cause of an error. */
export interface CauseSummary {
  readonly name: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly message: string;
}

/** Reads a member of anything: a thrown value may be `null`, a proxy, or have getters that throw. */
export function readMember(value: unknown, member: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[member];
  } catch {
    return undefined;
  }
}

/**
 * Keeps of a thrown value what helps and cannot hold a token: HTTP clients put the request body into their
 * errors, and `JSON.parse` quotes what it read in the message of its `SyntaxError`.
 */
export function summarizeCause(cause: unknown, secrets: readonly string[] = []): CauseSummary {
  const name = readMember(cause, 'name');
  const code = readMember(cause, 'code');
  const status = readMember(cause, 'status');
  const message = typeof cause === 'string' ? cause : readMember(cause, 'message');
  return {
    name: typeof name === 'string' ? redact(name, secrets) : typeof cause,
    ...(typeof code === 'string' ? { code: redact(code, secrets) } : typeof code === 'number' && { code }),
    ...(typeof status === 'number' && { status }),
    message: typeof message === 'string' && name !== 'SyntaxError' ? redact(message, secrets) : '',
  };
}
