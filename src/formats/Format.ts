import type { Credentials } from '../credentials/Credentials.js';

/** The formats of other programs that are known here. */
export type FormatName =
  | 'oauth'
  | 'apideck'
  | 'google'
  | 'gcloud-adc'
  | 'aws-sso'
  | 'oidc-client-ts'
  | 'supabase'
  | 'auth0'
  | 'salesforce'
  | 'azure-v1'
  | 'simple-oauth2'
  | 'mcp'
  | 'expires-at';

/** The members of a plain object, of which nothing is known. */
export type Members = Readonly<Record<string, unknown>>;

/** What a format says: members in the spelling of `Credentials`, and the instant of expiry where it tells one. */
export interface Reading {
  readonly members: Members;
  /** Milliseconds since the epoch. */
  readonly deadline?: number | undefined;
}

/** How another program spells credentials. */
export interface Format {
  readonly name: FormatName;
  readonly title: string;
  /** Whether both tokens, `issued_at` and `expires_in` can be written, and read back as they were. */
  readonly writable: boolean;
  /** The members that tell it from the others, as an error shows them. */
  readonly expected: string;
  /** Its usual members, to find the nearest format by. */
  readonly usual: readonly string[];
  /** What it can't say, as an error shows it. */
  readonly limits: string;
  /** The members that may be `null` in it. */
  readonly nullable?: readonly string[];
  /** Whether an object can be read so, once the caller has named the format. */
  takes(input: Members): boolean;
  /** Whether an object looks so, where nobody has named a format. */
  fits(input: Members): boolean;
  /** @throws {InvalidCredentialsError} for a time that is none. */
  read(input: Members): Reading;
  /**
   * What it has no place for may be left out: `writeFormat` reads it again, and compares. `undefined` where something is
   * missing that it has always.
   */
  write?(credentials: Credentials): Record<string, unknown> | undefined;
}
