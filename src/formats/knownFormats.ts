import { apideck } from './apideck.js';
import { auth0 } from './auth0.js';
import { awsSso } from './awsSso.js';
import { azureV1 } from './azureV1.js';
import { expiresAt } from './expiresAt.js';
import type { Format } from './Format.js';
import { gcloudAdc } from './gcloudAdc.js';
import { google } from './google.js';
import { mcp } from './mcp.js';
import { oauth } from './oauth.js';
import { oidcClientTs } from './oidcClientTs.js';
import { salesforce } from './salesforce.js';
import { simpleOAuth2 } from './simpleOAuth2.js';
import { supabase } from './supabase.js';

export const knownFormats: readonly Format[] = [
  oauth,
  apideck,
  google,
  gcloudAdc,
  awsSso,
  oidcClientTs,
  supabase,
  auth0,
  salesforce,
  azureV1,
  simpleOAuth2,
  mcp,
  expiresAt,
];

/** @throws {TypeError} for a name that is none. The name is not repeated: it may be a token in the wrong place. */
export function formatNamed(name: unknown): Format {
  const format = knownFormats.find((known) => known.name === name);
  if (format) return format;
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z\d]/g, '');
  const given = typeof name === 'string' ? letters(name) : '';
  const nearest = knownFormats.find(({ name: known }) => given && isNear(letters(known), given));
  throw new TypeError(
    `The format must be one of ${knownFormats.map((known) => known.name).join(', ')}.` +
      (nearest ? ` The nearest is "${nearest.name}".` : ''),
  );
}

/** Whether one name begins the other, or they differ in a letter left out, added or changed. */
function isNear(left: string, right: string): boolean {
  if (left.startsWith(right) || right.startsWith(left)) return true;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  const rests = [left.slice(start), right.slice(start)] as const;
  return (
    rests[0].slice(1) === rests[1].slice(1) ||
    rests[0].slice(1) === rests[1] ||
    rests[0] === rests[1].slice(1)
  );
}
