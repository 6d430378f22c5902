import type { Credentials } from 'shelflife';

export interface OAuthClient {
  /** A token endpoint's answer, once the user has approved this device. */
  signIn(tell: (line: string) => void): Promise<Record<string, unknown>>;
  /** For the store's `refresh` option. */
  refresh(
    credentials: Credentials,
    context: { readonly signal: AbortSignal },
  ): Promise<Record<string, unknown>>;
  /** A protected resource: the user's own data. */
  userinfo(accessToken: string): Promise<Response>;
}

export function createOAuthClient(options: {
  readonly issuer: string;
  readonly clientId?: string;
}): Promise<OAuthClient>;
