import type { CredentialEntry } from '../store/CredentialEntry.js';
import { McpTokenHandout, type McpTokens } from './McpTokenHandout.js';
import { requireMethods } from './requireMethods.js';

export type { McpTokens } from './McpTokenHandout.js';

/** The token methods of the Model Context Protocol SDK's `OAuthClientProvider`. */
export interface McpCredentials {
  tokens(this: void): Promise<McpTokens | undefined>;
  saveTokens(this: void, tokens: McpTokens): Promise<void>;
  /** Deletes the tokens for `all` and `tokens`; does nothing for other scopes, which are the rest of your provider's. */
  invalidateCredentials(this: void, scope: string): Promise<void>;
}

const handouts = new WeakMap<CredentialEntry, McpTokenHandout>();

/**
 * Lets the client of the Model Context Protocol SDK keep its tokens in an entry: the token methods for an
 * `OAuthClientProvider`, which gets the rest (redirect, client information, code verifier) from you.
 *
 * The time of issue is kept, so the entry's `expiry` is right. A refresh is saved by `update`: requests that
 * hang on `expirySignal()` go on. Two `auth()` calls at once never send the same refresh token, which would make the server revoke
 * the session: the second waits for the tokens of the first (10 s at most, where the first neither saves nor
 * invalidates any). That holds within the process; processes that share a session refresh by the store's own `refresh`. A sign-out
 * while a refresh is under way stays one.
 *
 * @throws {TypeError} where `entry` is none. The methods reject as those of the entry do.
 *
 * @example
 * ```ts
 * const authProvider = { ...mcpCredentials(store.entry(serverUrl)), ...restOfProvider };
 * await client.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider }));
 * ```
 */
export function mcpCredentials(entry: CredentialEntry): McpCredentials {
  requireMethods('entry', entry, ['get', 'update', 'delete']);
  const handout = handouts.get(entry) ?? new McpTokenHandout(entry);
  handouts.set(entry, handout);
  return {
    tokens: () => handout.tokens(),
    saveTokens: (tokens) => handout.save(tokens),
    async invalidateCredentials(scope) {
      if (scope === 'all' || scope === 'tokens') await handout.invalidate(scope);
    },
  };
}
