/** RFC 3339 §5.6, and the expanded years of `Date.prototype.toISOString`. */
const dateTime = /^(\d{4}|[+-]\d{6})(-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The last second of a day of UTC that has a leap second. */
const lastSecond = 86_399;

/** Below this, a number of milliseconds would lie before 1973: it is a number of seconds. */
export const smallestMilliseconds = 1e11;

/**
 * The milliseconds of an instant in any spelling that is taken, else NaN.
 *
 * A date-time without offset is not taken, since it would be read as local time; neither is an impossible date
 * (30 February, 24:00), though V8 rolls it over.
 */
export function parseInstant(value: unknown): number {
  if (isDate(value)) return new Date(value).getTime();
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return number >= smallestMilliseconds ? new Date(number).getTime() : NaN;
  if (typeof value !== 'string') return NaN;
  // RFC 3339 allows lower case, and a space between date and time.
  const text = value.toUpperCase().replace(' ', 'T');
  const leap = text.replace(/^(.{16}):60/, '$1:59');
  // RFC 3339 §5.7: a leap second, which Date does not know, is the one after 23:59:59 of UTC.
  if (leap !== text) {
    const before = parseInstant(leap);
    return Math.floor(before / 1000) % 86_400 === lastSecond ? before + 1000 : NaN;
  }
  const [, year, rest] = dateTime.exec(text) ?? [];
  const fields = `${year}${rest}`;
  const asWritten = new Date(`${fields}Z`);
  const isPossible = !Number.isNaN(asWritten.getTime()) && asWritten.toISOString().startsWith(fields);
  return isPossible ? Date.parse(text) : NaN;
}

/** Whether a value is a Date, of this realm or another. */
export function isDate(value: unknown): value is Date {
  try {
    // The method can be forged, and asking whatever has none would throw, which is slow.
    return 'getTime' in (value as object) && Date.prototype.getTime.call(value as Date) !== undefined;
  } catch {
    return false;
  }
}
