import type {
  allowInsecureRequests,
  AuthorizationServer,
  Client,
  ClientAuth,
  customFetch,
  CustomFetchOptions,
  DPoPHandle,
} from 'oauth4webapi';
import type { CredentialStoreOptions } from '../state/CredentialStoreOptions.js';

/** What the `refresh` option of a store takes. */
export type Refresh = NonNullable<CredentialStoreOptions['refresh']>;

/** Whom to ask for tokens, as whom, and for what. The types of the client are those of oauth4webapi 3. */
export interface GrantOptions {
  /**
   * The issuer, whose metadata is discovered once, when first needed (OpenID Connect Discovery, else RFC 8414); or the
   * metadata itself, for a server that publishes none.
   */
  readonly issuer: string | URL | AuthorizationServer;
  readonly client: Client;
  /**
   * How the client authenticates; default: `None()`, a public client. Being a function of the request, it can add
   * parameters that a server wants beside the standard ones, such as `audience`.
   */
  readonly clientAuth?: ClientAuth;
  /** Scopes to ask for, separated by spaces (RFC 6749 §3.3). Default: what was granted before. */
  readonly scope?: string;
  /** The API the token is for (RFC 8707). */
  readonly resource?: string;
  /** Binds the tokens to a key (RFC 9449). A nonce the server asks for is sent in a second request. */
  readonly DPoP?: DPoPHandle;
  /** Takes the place of the global `fetch`, for a proxy or a client certificate. */
  readonly [customFetch]?: (
    url: string,
    options: CustomFetchOptions<'GET' | 'POST', URLSearchParams | undefined>,
  ) => Promise<Response>;
  /** Allows plain http to other hosts than this one. Loopback addresses need no permission. */
  readonly [allowInsecureRequests]?: boolean;
}
