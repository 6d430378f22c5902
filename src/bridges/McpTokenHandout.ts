import { deadlineNames } from '../credentials/applyDeadline.js';
import type { Credentials } from '../credentials/Credentials.js';
import { fromTokenResponse } from '../credentials/fromTokenResponse.js';
import type { CredentialEntry } from '../store/CredentialEntry.js';
import { Turns } from './Turns.js';

/** The `OAuthTokens` of the Model Context Protocol SDK. */
export interface McpTokens {
  access_token: string;
  token_type: string;
  id_token?: string | undefined;
  /** Seconds, as the server said when it issued the token. */
  expires_in?: number | undefined;
  scope?: string | undefined;
  /** Reading it begins a refresh: further calls of `tokens` wait for its outcome. */
  readonly refresh_token?: string | undefined;
  issuer?: string | undefined;
}

/** A refresh that the SDK has begun: it has read the refresh token. */
interface Refresh {
  readonly sent: string;
  readonly since: number;
  end(): void;
}

/** Milliseconds after which a refresh that came to no end no longer keeps others waiting. */
const patience = 10_000;
/** Who is given tokens reads them before so many microtasks have passed, even through some functions of its own. */
const microtasksToRead = 100;

/**
 * Hands tokens out so that no refresh token is sent twice.
 *
 * The SDK calls `tokens` for each request and for each refresh, and then posts the refresh token itself. Only who
 * refreshes reads `refresh_token`, at once: so that is a getter, and what reads it holds the turn until the outcome is told.
 */
export class McpTokenHandout {
  readonly #entry: CredentialEntry;
  readonly #turns = new Turns(patience);
  #refresh: Refresh | undefined;

  constructor(entry: CredentialEntry) {
    this.#entry = entry;
  }

  async tokens(): Promise<McpTokens | undefined> {
    const end = await this.#turns.take();
    // Left over from a refresh that came to no end.
    this.#refresh = undefined;
    try {
      const credentials = await this.#entry.get();
      const tokens = credentials && this.#handOut(credentials, end);
      void this.#endUnlessRead(end);
      return tokens;
    } catch (error) {
      end();
      throw error;
    }
  }

  async save(tokens: McpTokens): Promise<void> {
    const refresh = this.#refresh;
    try {
      // The time before the request is the safe anchor; of a sign-in nobody tells it.
      const answer = fromTokenResponse({ ...tokens }, { issuedAt: refresh?.since ?? Date.now() });
      await this.#entry.update((current) => {
        if (!refresh) return answer;
        // Signed out, or in again, meanwhile: that stays.
        if (current?.refresh_token !== refresh.sent) return current;
        const { issued_at: _issuedAt, expires_in: _expiresIn, ...kept } = current;
        for (const name of deadlineNames) delete kept[name];
        return { ...kept, ...answer };
      });
    } finally {
      this.#end(refresh);
    }
  }

  async invalidate(scope: 'all' | 'tokens'): Promise<void> {
    const refresh = this.#refresh;
    try {
      // Only the tokens that the server refused: newer ones may be there by now.
      await this.#entry.update((current) =>
        scope === 'tokens' && refresh && current?.refresh_token !== refresh.sent ? current : undefined,
      );
    } finally {
      this.#end(refresh);
    }
  }

  #handOut(credentials: Credentials, end: () => void): McpTokens | undefined {
    const { access_token, refresh_token, issued_at: _issuedAt, expires_in, ...others } = credentials;
    if (access_token === undefined) return undefined;
    const tokens: McpTokens = { token_type: 'Bearer', ...others, access_token };
    if (typeof expires_in === 'number') tokens.expires_in = expires_in;
    if (typeof refresh_token !== 'string') return tokens;
    return Object.defineProperty(tokens, 'refresh_token', {
      enumerable: true,
      get: () => {
        this.#refresh ??= { sent: refresh_token, since: Date.now(), end };
        return refresh_token;
      },
    });
  }

  async #endUnlessRead(end: () => void): Promise<void> {
    for (let passed = 0; passed < microtasksToRead; passed++) await undefined;
    if (this.#refresh?.end !== end) end();
  }

  #end(refresh: Refresh | undefined): void {
    if (this.#refresh === refresh) this.#refresh = undefined;
    refresh?.end();
  }
}
