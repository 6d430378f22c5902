import superjson from 'superjson';
import type { Codec } from './Codec.js';

/** The default codec: dates, big integers and `undefined` in unknown members survive. */
export const superjsonCodec: Codec = {
  encode: (record) => superjson.stringify(record),
  decode: (text) => superjson.parse(text),
};
