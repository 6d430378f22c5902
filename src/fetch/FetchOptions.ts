/** Where the access token of an entry may go, and how. */
export interface FetchOptions {
  /** Required: where the token may go, as `https://api.example`. Requests to anywhere else go out without it. */
  readonly origins: readonly (string | URL)[];
  /** Sends the requests; default: the global `fetch`, looked up at each call. */
  readonly fetch?: typeof fetch;
  /** The authentication scheme (RFC 9110 §11.1), default `Bearer`. */
  readonly scheme?: string;
}
