import { readMember } from '../errors/summarizeCause.js';
import { parseUrl } from '../fetch/parseUrl.js';
import type { GrantOptions } from './GrantOptions.js';

/** @throws {TypeError} that names the option. */
export function checkGrantOptions({ issuer, client, clientAuth, scope, resource }: GrantOptions): void {
  const isMetadata = typeof readMember(issuer, 'issuer') === 'string';
  expect(isMetadata || parseUrl(issuer), 'issuer', 'a URL, or the metadata of the server');
  expect(typeof readMember(client, 'client_id') === 'string', 'client', 'an object with a "client_id"');
  expect(
    clientAuth === undefined || typeof clientAuth === 'function',
    'clientAuth',
    'what a function of oauth4webapi such as ClientSecretBasic(secret) returns',
  );
  expect(scope === undefined || typeof scope === 'string', 'scope', 'a string, with spaces between scopes');
  expect(resource === undefined || parseUrl(resource), 'resource', 'a URL');
}

function expect(isRight: unknown, option: string, wanted: string): void {
  if (!isRight) throw new TypeError(`The option "${option}" must be ${wanted}.`);
}
