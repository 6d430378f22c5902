/**
 * Paths as superjson writes them: members joined by dots, with a backslash before dots and backslashes that belong
 * to a name. Before version 1 of its format, a backslash stood for itself where no dot followed it.
 */
const forbidden = /^(__proto__|constructor|prototype)$/;

export function escapeMember(name: string): string {
  return name.replace(/[\\.]/g, '\\$&');
}

/**
 * The members that a path names.
 *
 * @throws where one of them could reach a prototype, or an escape is unknown.
 */
export function parsePath(path: string, version: number): string[] {
  const members = [''];
  for (const [part] of path.matchAll(version < 1 ? /\\\.|\.|[^.\\]+|\\/g : /\\[\\.]|\.|[^.\\]+|\\/g)) {
    if (part === '\\' && version >= 1) throw new Error('Unknown escape in a path.');
    if (part === '.') members.push('');
    else members[members.length - 1] += /^\\./.test(part) ? part[1]! : part;
  }
  requireSafe(members);
  return members;
}

/** @throws where a member could reach a prototype. */
export function requireSafe(members: readonly string[]): void {
  if (members.some((member) => forbidden.test(member)))
    throw new Error('A member that could reach a prototype.');
}
