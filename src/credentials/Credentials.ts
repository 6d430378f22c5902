/**
 * OAuth credentials as the token endpoint spells them (RFC 6749 §5.1), with the time of issue beside the lifetime.
 *
 * One principle decides every case: omitted means "unknown", `null` means "known to be none".
 * Unknown members are kept verbatim.
 *
 * @example
 * ```ts
 * const credentials: Credentials = {
 *   access_token: '…',
 *   refresh_token: '…',
 *   issued_at: new Date(),
 *   expires_in: 3600,
 *   scope: 'openid',
 * };
 * ```
 */
export interface Credentials {
  access_token?: string;
  /** `null`: known to have none, so it can't be refreshed. */
  refresh_token?: string | null;
  /** When the token was issued. Omitted: the credentials are queued for refresh. */
  issued_at?: Date | null;
  /** The lifetime in whole seconds. Omitted: queued for refresh. `null`: known not to expire. */
  expires_in?: number | null;
  /** `token_type`, `scope`, `id_token`, `issuer`, … */
  [member: string]: unknown;
}

interface KnownMembers {
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | null | undefined;
  /** A `Date`, an RFC 3339 date-time with offset, or milliseconds since the epoch as number or digit string. */
  readonly issued_at?: Date | string | number | null | undefined;
  /** Whole seconds, as number or digit string. */
  readonly expires_in?: number | string | null | undefined;
}

/**
 * What may be handed in as credentials: the known members widened to what `parseCredentials` accepts.
 *
 * Any interface of yours with these members fits, and so does a literal with further members.
 *
 * @example
 * ```ts
 * const input: CredentialsInput = { access_token: '…', expires_in: '3599', resource: 'https://api.example' };
 * ```
 */
export type CredentialsInput = KnownMembers | (KnownMembers & { readonly [member: string]: unknown });
