/** What `fetch` takes as its first argument. */
export type FetchInput = string | URL | Request;

/** Whether it is a Request, of this realm or another. */
export function isRequest(input: FetchInput): input is Request {
  return typeof input === 'object' && 'clone' in input;
}

/** The headers a request will have: those in `init` take the place of all of the request's. */
export function headersOf(input: FetchInput, init: RequestInit | undefined): Headers {
  return new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
}

/**
 * The arguments of `fetch` with an `Authorization` header. The caller's own are left as they are: a Request is cloned, so
 * that its body can be sent once more.
 */
export function withAuthorization(
  input: FetchInput,
  init: RequestInit | undefined,
  authorization: string,
): [input: FetchInput, init: RequestInit | undefined] {
  const copy = isRequest(input) ? input.clone() : input;
  // With anything in `init`, the host resets the referrer of a Request.
  if (isRequest(copy) && !init?.headers) {
    copy.headers.set('authorization', authorization);
    return [copy, init];
  }
  const headers = headersOf(input, init);
  headers.set('authorization', authorization);
  return [copy, { ...init, headers }];
}

/** Whether a body is there still once it was sent: a stream is not, and Node takes anything that can be iterated. */
export function canBeRepeated(body: unknown): boolean {
  return typeof body !== 'object' || !body || !('getReader' in body || Symbol.asyncIterator in body);
}
