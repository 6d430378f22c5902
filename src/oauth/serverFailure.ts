import { readMember } from '../errors/summarizeCause.js';

/** What a server answered in place of what was asked for, in the members the store looks for. */
interface ServerFailure extends Error {
  readonly status: number;
  /** An error code of RFC 6749 §5.2. */
  readonly error?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/**
 * The error of an answer that is of no use. It tells the status, the kind of content and the code; the description
 * and the body are left out, since they may quote a token.
 */
export function serverFailure(
  subject: string,
  response: Response,
  { body, cause }: { readonly body?: unknown; readonly cause?: unknown } = {},
): ServerFailure {
  const { status, headers } = response;
  const error = readMember(body, 'error');
  const code = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : undefined;
  const contentType = headers.get('content-type')?.split(';')[0];
  const said = code ? `: ${code}` : ` with ${contentType ?? 'nothing'} that is of no use`;
  const retryAfter = secondsUntil(headers.get('retry-after'));
  return Object.assign(new Error(`${subject} answered ${status}${said}.`, { cause }), {
    status,
    ...(code !== undefined && { error: code }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** `Retry-After` (RFC 9110 §10.2.3) is a number of seconds or a date. */
function secondsUntil(value: string | null): number | undefined {
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
