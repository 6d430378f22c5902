const dateTime =
  /^(?:\d{4}|[+-]\d{6})-(?:0[1-9]|1[0-2])-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Below this, a number of milliseconds would lie before 1973: it is a number of seconds. */
const smallestMilliseconds = 1e11;

export const instantExpected =
  'a Date, an RFC 3339 date-time with offset, or milliseconds since the epoch (a smaller number looks like seconds: multiply it by 1000)';

/**
 * The milliseconds of an instant in any spelling that is taken, else NaN.
 *
 * A date-time without offset is not taken, since it would be read as local time; neither is an impossible date
 * (30 February, 24:00), though V8 rolls it over.
 */
export function parseInstant(value: unknown): number {
  if (Object.prototype.toString.call(value) === '[object Date]') return (value as Date).getTime();
  if (typeof value === 'number')
    return value >= smallestMilliseconds ? new Date(value).getTime() : Number.NaN;
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d+$/.test(value)) return parseInstant(Number(value));
  // RFC 3339 §5.6 allows lower case and a space between date and time.
  const text = value.toUpperCase().replace(/^(\S{10,13}) /, '$1T');
  const day = dateTime.exec(text)?.[1];
  const date = text.slice(0, text.indexOf('T'));
  return day && new Date(`${date}T00:00:00Z`).getUTCDate() === Number(day) ? Date.parse(text) : Number.NaN;
}
