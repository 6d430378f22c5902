import { readMember } from './summarizeCause.js';

/** A member of something that was thrown or answered. */
export interface Member {
  readonly name: string;
  readonly value: unknown;
  /** Whether it is a member of an error, where the client speaks, and not of what the server sent. */
  readonly isOfError: boolean;
}

/** The errors of HTTP clients lead to sockets and agents, and what is thrown may be hostile. */
const mostObjects = 1000;
const mostMembers = 200;
const greatestDepth = 8;
const longestText = 65_536;

/** What kind of built-in object something is, also of another realm or library; throws for a revoked proxy. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** The members of values at every depth, the nearest first; those of texts that are JSON, and of headers, too. */
export function* membersOf(...roots: readonly unknown[]): Generator<Member> {
  const seen = new Set<object>();
  let level = roots;
  for (let depth = 0; depth < greatestDepth; depth += 1) {
    const next: unknown[] = [];
    for (const each of level) {
      const value = typeof each === 'string' ? parseJson(each) : each;
      if (typeof value !== 'object' || !value || seen.has(value) || seen.size === mostObjects) continue;
      seen.add(value);
      for (const member of ownMembers(value)) {
        yield member;
        next.push(member.value);
      }
    }
    level = next;
  }
}

function ownMembers(value: object): Member[] {
  try {
    const isOfError = 'stack' in value;
    const read = (name: string): Member => ({ name, value: readMember(value, name), isOfError });
    if (kindOf(value) === '[object Headers]') {
      const name = 'retry-after';
      return [{ name, value: (value as Headers).get(name), isOfError }];
    }
    if (ArrayBuffer.isView(value)) return [];
    const names = Object.getOwnPropertyNames(Array.isArray(value) ? value.slice(0, mostMembers) : value);
    // Inherited are the headers of responses, and the getters of an error's classes. Other getters are left alone:
    // some of Node's warn when they are read.
    names.push('headers');
    let prototype: unknown = isOfError && Object.getPrototypeOf(value);
    while (prototype) {
      names.push(...Object.getOwnPropertyNames(prototype));
      prototype = Object.getPrototypeOf(prototype);
    }
    return names.slice(0, mostMembers).map(read);
  } catch {
    return [];
  }
}

/** What a text holds that is JSON, and not too long. */
function parseJson(text: string): unknown {
  try {
    return /^\s*[[{]/.test(text) && text.length <= longestText && JSON.parse(text);
  } catch {
    return undefined;
  }
}
