import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { parseCredentials } from '../credentials/parseCredentials.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { listNames } from './describeInput.js';
import type { Format, FormatName } from './Format.js';
import { formatNamed } from './knownFormats.js';
import { readFormat } from './readFormat.js';

/**
 * Writes credentials as another program spells them: a plain object of what JSON can say.
 *
 * `readFormat` gives the same credentials back, to the millisecond; where the format has no place for one of their
 * members, it throws instead. Leave out what may be lost: `writeFormat({ ...credentials, scope: undefined }, 'apideck')`.
 *
 * @throws {InvalidCredentialsError} where the format can't say it; it names the members, never a value.
 * @throws {TypeError} for the name of a format that is none.
 *
 * @example
 * ```ts
 * const { access_token, refresh_token, issued_at, expires_in } = await session.get();
 * const body = writeFormat({ access_token, refresh_token, issued_at, expires_in }, 'apideck');
 * ```
 */
export function writeFormat(credentials: CredentialsInput, format: FormatName): unknown {
  const used = formatNamed(format);
  const wanted = parseCredentials(credentials);
  if (!used.write)
    throw new InvalidCredentialsError(`The format "${used.name}" can only be read: ${used.limits}.`);
  const written = asJson(used.write(wanted));
  const lost = lostMembers(used, wanted, written);
  if (lost.length === 0) return written;
  throw new InvalidCredentialsError(
    `The format "${used.name}" can't say these credentials: ${used.limits}. The members concerned: ${listNames(lost)}.`,
  );
}

function asJson(value: unknown): unknown {
  try {
    return value && (JSON.parse(JSON.stringify(value)) as unknown);
  } catch {
    return undefined;
  }
}

const known = ['access_token', 'refresh_token', 'issued_at', 'expires_in'];

/** The members that would be others, or none, once they are read again. */
function lostMembers(format: Format, wanted: Credentials, written: unknown): readonly string[] {
  const isSaid = (name: string): boolean => wanted[name] !== null || !!format.nullable?.includes(name);
  const unsaid = known.filter((name) => !isSaid(name));
  if (unsaid.length > 0) return unsaid;
  try {
    const { credentials } = readFormat(written, format.name);
    const names = new Set([...Object.keys(wanted), ...Object.keys(credentials)]);
    return [...names].filter((name) => !isDeepEqual(wanted[name], credentials[name]));
  } catch {
    // Something is missing, or is none of what the format takes.
    return known;
  }
}
