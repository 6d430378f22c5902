import { isCode } from './isCode.js';
import { membersOf } from './membersOf.js';
import { isPermanentCode } from './isPermanentCode.js';

/** What the server said, as far as it can be found. */
export interface ServerWord {
  readonly code: string | number | undefined;
  /** Whether the code means that the user has to sign in again. */
  readonly isPermanent: boolean;
  /** Seconds. */
  readonly retryAfter: number | undefined;
}

/**
 * Finds the error code and the `Retry-After` in what was thrown or answered, by structure: wherever a client puts
 * the server's answer, its members are called `error`, `errcode`, `errorCode`, … A code that means "sign in again"
 * counts before any other, and what the server sent before what an error of the client says of itself.
 */
export function serverWord(
  roots: readonly unknown[],
  rejectedCodes: readonly string[] = [],
  now: number = Date.now(),
): ServerWord {
  let sent: string | number | undefined;
  let own: string | number | undefined;
  let retryAfter: number | undefined;
  for (const { name, value, isOfError } of membersOf(...roots)) {
    if (/^retry[-_]?after$/i.test(name)) retryAfter ??= secondsOf(value, now);
    if (!value || !isCode(value) || !isCodeName(name, value)) continue;
    if (isPermanentCode(value, rejectedCodes)) return { code: value, isPermanent: true, retryAfter };
    if (isOfError && !/error$/i.test(name)) own ??= value;
    else sent ??= value;
  }
  return { code: sent ?? own, isPermanent: false, retryAfter };
}

/** `status` too, where it is a word: HubSpot has its code there. A status of HTTP is no code. */
function isCodeName(name: string, value: string | number): boolean {
  if (Number(value) >= 400 && Number(value) < 600) return false;
  return /(error|code)$/i.test(name) || (name === 'status' && /^[A-Z]+_/.test(String(value)));
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function secondsOf(value: unknown, now: number): number | undefined {
  const isDate = typeof value === 'string' && /:\d\d/.test(value);
  const seconds = isDate ? (Date.parse(value) - now) / 1000 : value === '' ? NaN : Number(value);
  return /string|number/.test(typeof value) && seconds >= 0 && seconds < Infinity ? seconds : undefined;
}
