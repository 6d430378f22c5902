/** A token endpoint's answer, RFC 6749 §5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

export interface AuthorizationServerOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Whole seconds, default 5. */
  readonly accessTokenLifetime?: number;
  /** Whole seconds, default two weeks. */
  readonly refreshTokenLifetime?: number;
  /** Of the one client it knows. Any port of a loopback address is accepted (RFC 8252 §7.3). */
  readonly redirectUris?: readonly string[];
  /** Further clients, as RFC 7591 client metadata. */
  readonly clients?: readonly Record<string, unknown>[];
  /** Whether a DPoP proof needs a nonce of the server's (RFC 9449 §8), default false. */
  readonly requireDPoPNonce?: boolean;
}

/** What the refresh grant went through since the start. */
export interface RefreshCounters {
  /** Refresh requests that got new tokens. */
  readonly refreshes: number;
  /** Refresh requests that got an error. */
  readonly refusals: number;
  /** Token families revoked since a refresh token was used twice. */
  readonly revokedFamilies: number;
  /** How often each refresh token was presented. */
  readonly presentations: ReadonlyMap<string, number>;
}

export interface AuthorizationServer {
  readonly issuer: string;
  /** A public client: no secret, PKCE required. */
  readonly clientId: string;
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly deviceAuthorizationEndpoint: string;
  readonly revocationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly counters: RefreshCounters;
  /** The tokens of a new sign-in, without a browser; of the public client unless another is named. */
  mintTokens(clientId?: string): Promise<TokenResponse>;
  /** Ends every session there is: each refresh token is refused from now on. */
  revokeAll(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a real authorization server on loopback: oidc-provider, with refresh token rotation and reuse detection,
 * the authorization code and device authorization grants, CORS for pages on loopback, and one user who is signed in at once.
 */
export function startAuthorizationServer(options?: AuthorizationServerOptions): Promise<AuthorizationServer>;
