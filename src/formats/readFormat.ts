import { copyPlain, isPlainObject } from '../credentials/copyPlain.js';
import type { Credentials } from '../credentials/Credentials.js';
import { isDate } from '../credentials/parseInstant.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { completeReading, type Unsaid } from './completeReading.js';
import { describeMembers, describeNearest, describeOther } from './describeInput.js';
import type { Format, FormatName, Members } from './Format.js';
import { formatNamed, knownFormats } from './knownFormats.js';

/**
 * Reads credentials as another program spells them: what it keeps in a file or in a browser, or what a server answers.
 *
 * Without `format` the shape decides. Members without a meaning here are kept as they are. What the format does not say
 * is omitted, so that the credentials queue for refresh, and named in `unknown`. Where it says when a token expires but
 * not when it was issued, `issued_at` is `options.issuedAt`, else now: then the expiry is right, and `unknown` names
 * `issued_at` all the same.
 *
 * @throws {InvalidCredentialsError} where the input does not fit the format, fits none, or fits more than one; it
 * tells what was expected and which members were found, never a value.
 * @throws {TypeError} for the name of a format that is none, or an option of the wrong type.
 *
 * @example
 * ```ts
 * const text = await readFile('token.json', 'utf8');
 * const { format, credentials } = readFormat(JSON.parse(text)); // format: 'google'
 * await session.set(credentials);
 * ```
 */
export function readFormat(
  input: unknown,
  format?: FormatName,
  options: { readonly issuedAt?: Date } = {},
): { readonly format: FormatName; readonly credentials: Credentials; readonly unknown: readonly Unsaid[] } {
  const { issuedAt } = options;
  if (issuedAt !== undefined && !(isDate(issuedAt) && !Number.isNaN(issuedAt.getTime())))
    throw new TypeError('The option "issuedAt" must be a valid Date.');
  const named = format === undefined ? undefined : formatNamed(format);
  const members = membersOf(input);
  const used = named ?? formatOf(members);
  if (!used.takes(members)) {
    throw new InvalidCredentialsError(
      `Expected the format "${used.name}": ${used.expected}. Found ${describeMembers(members)}.${describeNearest(members)}`,
    );
  }
  return { format: used.name, ...completeReading(used.read(members), issuedAt) };
}

/** The format that an object looks like. */
function formatOf(members: Members): Format {
  const fitting = knownFormats.filter((format) => format.fits(members));
  const [first] = fitting;
  if (first && fitting.length === 1) return first;
  const found = describeMembers(members);
  throw new InvalidCredentialsError(
    first
      ? `Found ${found}, which fits the formats ${fitting.map(({ name }) => `"${name}"`).join(' and ')}: name the one it is.`
      : `Expected one of the known formats. Found ${found}.${describeNearest(members)}`,
  );
}

/** A copy, so that getters run once, and what they throw goes no further. */
function membersOf(input: unknown): Members {
  let copy: unknown;
  try {
    if (isPlainObject(input)) copy = copyPlain(input);
  } catch {
    throw new InvalidCredentialsError('Expected an object that can be copied.');
  }
  if (copy) return copy as Members;
  throw new InvalidCredentialsError(`Expected a plain object. Found ${describeOther(input)}.`);
}
