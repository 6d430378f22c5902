import type { CredentialEntry } from 'shelflife';
import type { Refresh } from 'shelflife/oauth';

export interface OAuthClient {
  /** A token endpoint's answer, once the user has approved this device. */
  signIn(tell: (line: string) => void): Promise<Record<string, unknown>>;
  /** For the store's `refresh` option. */
  readonly refresh: Refresh;
  /** A protected resource: the user's own data. */
  userinfo(session: CredentialEntry): Promise<Response>;
}

export function createOAuthClient(options: {
  readonly issuer: string;
  readonly clientId?: string;
}): Promise<OAuthClient>;
