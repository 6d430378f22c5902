import {
  type Credentials,
  type CredentialsInput,
  type CredentialEntry,
  expiryOf,
  fromTokenResponse,
  parseCredentials,
} from '../../src/index.js';
import { type Equals, expectType, holds } from './expectType.js';

declare const entry: CredentialEntry;
declare const credentials: Credentials;

// The known members have their types, unknown ones are unknown.
expectType<string | undefined>(credentials.access_token);
expectType<string | null | undefined>(credentials.refresh_token);
expectType<Date | null | undefined>(credentials.issued_at);
expectType<number | null | undefined>(credentials.expires_in);
expectType<unknown>(credentials['scope']);

// What comes out may be handed in again.
await entry.set(credentials);
holds<Equals<ReturnType<typeof parseCredentials>, Credentials>>();
holds<Equals<ReturnType<typeof fromTokenResponse>, Credentials>>();
parseCredentials(undefined);
fromTokenResponse({ access_token: 'x' }, { issuedAt: new Date() });

// An interface of the caller's has no index signature, and fits all the same.
interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in?: number;
  refresh_token?: string;
  scope: string[];
}
declare const response: TokenResponse;
await entry.set(response);
await entry.update(() => response);

// So does one whose members are read-only, optional or undefined, and a class.
interface Sparse {
  readonly access_token?: string | undefined;
  readonly issued_at?: string | undefined;
  readonly expires_in?: string | undefined;
  readonly account: { readonly id: number };
}
declare const sparse: Sparse;
await entry.set(sparse);

class Session {
  access_token = 'x';
  method(): void {}
}
await entry.set(new Session());

// Widened to what parseCredentials accepts.
const inputs: CredentialsInput[] = [
  {},
  { access_token: 'x', resource: 'https://api.example', nested: { a: [1] } },
  { issued_at: new Date(), expires_in: 3600 },
  { issued_at: '2026-01-01T00:00:00Z', expires_in: '3599' },
  { issued_at: 1_767_225_600_000, expires_in: null },
  { refresh_token: null, issued_at: null },
  { access_token: undefined, refresh_token: undefined, issued_at: undefined, expires_in: undefined },
];
holds<Equals<(typeof inputs)[number], CredentialsInput>>();

// @ts-expect-error an access token is a string
await entry.set({ access_token: 1 });
// @ts-expect-error an access token is never known to be none
await entry.set({ access_token: null });
// @ts-expect-error a lifetime is a number or digits
await entry.set({ access_token: 'x', expires_in: new Date() });
// @ts-expect-error a time is no boolean
await entry.set({ access_token: 'x', issued_at: true });
// @ts-expect-error did you forget await?
await entry.set(Promise.resolve({ access_token: 'x' }));
// @ts-expect-error credentials are no string
await entry.set('access_token=x');
// @ts-expect-error credentials are no array
await entry.set([{ access_token: 'x' }]);
// @ts-expect-error a record is replaced by credentials, not by nothing
await entry.set(undefined);
// @ts-expect-error a change is synchronous
await entry.update(async () => ({ access_token: 'x' }));
// @ts-expect-error an anchor is a time
fromTokenResponse({ access_token: 'x' }, { issuedAt: true });

// A change may delete.
expectType<Credentials | undefined>(await entry.update(() => undefined));
expectType<Credentials | undefined>(await entry.update((current) => current));

// expiryOf is pure and takes what was parsed.
expiryOf(undefined);
expiryOf(credentials, { now: Date.now(), leeway: 30, unknownExpiry: 'trust', mark: 'queued' });
// @ts-expect-error a mark is one of two
expiryOf(credentials, { mark: 'fresh' });
// @ts-expect-error a policy is one of two
expiryOf(credentials, { unknownExpiry: 'ignore' });
