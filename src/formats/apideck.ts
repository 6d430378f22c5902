import type { Format } from './Format.js';
import { hasText } from './members.js';

const members = ['refresh_token', 'access_token', 'issued_at', 'expires_in'];

/**
 * The body of Apideck's "import connection": the four members and no others. `expires_in` is in seconds, as its
 * specification says, though one of its guides shows milliseconds.
 */
export const apideck: Format = {
  name: 'apideck',
  title: "Apideck Vault's connection import",
  writable: true,
  expected: `no members but ${members.join(', ')}`,
  usual: members,
  limits: 'it has no other members than those four',
  nullable: ['refresh_token', 'issued_at', 'expires_in'],
  takes: (input) => Object.keys(input).every((member) => members.includes(member)),
  fits: (input) =>
    apideck.takes(input) && (hasText(input, 'access_token') || hasText(input, 'refresh_token')),
  read: (input) => ({ members: input }),
  write: (credentials) =>
    // In the order of its own library.
    Object.fromEntries(
      members
        .filter((member) => credentials[member] !== undefined)
        .map((member) => [member, credentials[member]]),
    ),
};
