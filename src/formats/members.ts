import { isPlainObject } from '../credentials/copyPlain.js';
import type { Credentials } from '../credentials/Credentials.js';
import type { Members } from './Format.js';

/** Whether a member is a text that is not empty. */
export function hasText(input: Members, member: string): boolean {
  return textOf(input, member) !== '';
}

/** A member that is a text, else the empty text. */
export function textOf(input: Members, member: string): string {
  const value = input[member];
  return typeof value === 'string' ? value : '';
}

/** Whether a member is an object. */
export function hasObject(input: Members, member: string): boolean {
  return isPlainObject(input[member]);
}

/** Whether there is any of some members. */
export function hasAny(input: Members, ...members: readonly string[]): boolean {
  return members.some((member) => Object.hasOwn(input, member));
}

/** A copy without some members. */
export function without(input: Members, ...members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !members.includes(name)));
}

/** A copy whose members have other names. */
export function renamed(input: Members, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value]),
  );
}

/** When credentials expire, in milliseconds since the epoch; `undefined` where they do not say. */
export function deadlineOf({ issued_at: issuedAt, expires_in: lifetime }: Credentials): number | undefined {
  return issuedAt && typeof lifetime === 'number' ? issuedAt.getTime() + lifetime * 1000 : undefined;
}

/** The same in seconds, rounded down. */
export function deadlineInSeconds(credentials: Credentials): number | undefined {
  const deadline = deadlineOf(credentials);
  return deadline === undefined ? undefined : Math.floor(deadline / 1000);
}
