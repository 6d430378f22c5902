import { bytesOf, ownPieces } from '../support/bytesOf.mjs';

const page =
  "export { createCredentialStore } from 'shelflife'; export * from 'shelflife/indexeddb'; export * from 'shelflife/react';";

/** Each subpath by itself, and a page as most have it; minified, gzip. */
export async function countBytes() {
  const bytes = {};
  for (const piece of await ownPieces()) bytes[piece] = (await bytesOf(`export * from '${piece}';`)).gzip;
  bytes['a page with IndexedDB and React'] = (await bytesOf(page)).gzip;
  return { bytes };
}
