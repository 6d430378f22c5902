import { geteuid } from 'node:process';

/** Who new files are to belong to, where that is not who makes them. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
}

/** Who owns what root makes in a directory: its owner, so that one run with `sudo` doesn't lock the user out. */
export function ownershipIn({
  uid,
  gid,
  mode,
}: Ownership & { readonly mode: number }): Ownership | undefined {
  // A directory that others may write to, such as one for temporary files, says nothing of who uses what is in it.
  const isPersonal = uid !== 0 && !(mode & 0o002);
  return isPersonal && geteuid?.() === 0 ? { uid, gid } : undefined;
}
