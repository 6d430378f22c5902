import { isCode } from './isCode.js';
import { redact } from './redact.js';
import { wordsOf } from './wordsOf.js';

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

/** What classes of errors are called. */
const errorName = /^[A-Z][A-Za-z\d]{0,60}(Error|Exception)$/;

/**
 * Keeps of a thrown value what helps and cannot hold a token: HTTP clients put the request body into their
 * errors, schema validators quote what they refuse, and `JSON.parse` quotes what it read.
 */
export function summarizeCause(cause: unknown, secrets: readonly string[] = []): CauseSummary {
  const name = readMember(cause, 'name');
  const code = readMember(cause, 'code');
  const status = readMember(cause, 'status');
  const message = typeof cause === 'string' ? cause : readMember(cause, 'message');
  const clean = (text: string): string => redact(text, secrets);
  return {
    name: typeof name !== 'string' ? typeof cause : errorName.test(name) ? clean(name) : wordsOf(clean(name)),
    ...(isCode(code) && clean(`${code}`) === `${code}` && { code }),
    ...(typeof status === 'number' && { status }),
    message: typeof message === 'string' && name !== 'SyntaxError' ? wordsOf(clean(message)) : '',
  };
}
