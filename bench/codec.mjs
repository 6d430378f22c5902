/** What does superjson cost against a codec that knows JSON and dates only? */
import { parse, stringify } from 'superjson';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const turns = 2000;
const record = { version: 1, revision: 'revision', session: 'session', credentials: sampleCredentials() };

const jsonCodec = {
  encode: (value) => JSON.stringify(value),
  decode(text) {
    const decoded = JSON.parse(text);
    decoded.credentials.issued_at = new Date(decoded.credentials.issued_at);
    return decoded;
  },
};
const superjsonCodec = {
  encode: (value) => stringify(value),
  decode: (text) => parse(text),
};

await compare(`${turns} round trips of one record`, [
  { name: 'JSON, and a Date revived by hand', run: () => roundTrips(jsonCodec) },
  { name: 'superjson', run: () => roundTrips(superjsonCodec) },
]);

function roundTrips({ encode, decode }) {
  for (let turn = 0; turn < turns; turn += 1) {
    if (!(decode(encode(record)).credentials.issued_at instanceof Date))
      throw new Error('The Date was lost.');
  }
}
