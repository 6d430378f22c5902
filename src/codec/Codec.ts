/**
 * Turns records into text and back. The default is superjson, which revives dates in unknown members too.
 *
 * @example
 * ```ts
 * const codec: Codec = { encode: JSON.stringify, decode: JSON.parse }; // `issued_at` is revived all the same
 * ```
 */
export interface Codec {
  encode(record: unknown): string;
  decode(text: string): unknown;
}
