import type { Credentials } from '../credentials/Credentials.js';
import { parseCredentials } from '../credentials/parseCredentials.js';
import type { Reading } from './Format.js';

/** What a format may not say. */
export type Unsaid = 'issued_at' | 'expires_in';

/** Makes credentials of what a format says: of a deadline, a time of issue and a lifetime. */
export function completeReading(
  { members, deadline }: Reading,
  issuedAt: Date | undefined,
): { readonly credentials: Credentials; readonly unknown: readonly Unsaid[] } {
  const read = parseCredentials(members);
  const credentials = parseCredentials({ ...read, ...issueAndLifetime(read, deadline, issuedAt) });
  const isAnchored = !read.issued_at && read.expires_in === undefined && deadline !== undefined && !issuedAt;
  const unknown = (['issued_at', 'expires_in'] as const).filter(
    (member) => credentials[member] === undefined || (member === 'issued_at' && isAnchored),
  );
  return { credentials, unknown };
}

function issueAndLifetime(
  { issued_at: issued, expires_in: lifetime }: Credentials,
  deadline: number | undefined,
  issuedAt: Date | undefined,
): Pick<Credentials, Unsaid> {
  if (issued || lifetime === null) return {};
  if (deadline === undefined) return issuedAt && issued === undefined ? { issued_at: issuedAt } : {};
  if (lifetime !== undefined) return { issued_at: new Date(deadline - lifetime * 1000) };
  const anchor = issuedAt?.getTime() ?? Date.now();
  const seconds = Math.max(0, Math.floor((deadline - anchor) / 1000));
  // Without a time to keep, the expiry is kept to the millisecond.
  const isKept = issuedAt && anchor <= deadline;
  return { issued_at: isKept ? issuedAt : new Date(deadline - seconds * 1000), expires_in: seconds };
}
