import type { StorageBackend } from '../storage/StorageBackend.js';

/** Between what a record is moved. */
export interface Move {
  readonly from: StorageBackend;
  readonly to: StorageBackend;
  /** Only finds out whether it could be moved. */
  readonly dryRun: boolean;
}

/**
 * Moves one record: writes it, compares, then deletes it where it was. `false` where the target has another one
 * under this key, and both stay.
 */
export async function moveRecord(key: string, { from, to, dryRun }: Move): Promise<boolean> {
  /** What the target has because we put it there. */
  let copied: string | undefined;
  for (;;) {
    const value = await from.get(key);
    const there = await to.get(key);
    if (value === undefined) {
      // Deleted meanwhile, so our copy of it is to go as well.
      if (copied !== undefined) await to.compareAndSet(key, copied, undefined);
      return true;
    }
    if (there !== undefined && there !== value && there !== copied) return false;
    if (dryRun) return true;
    if (there !== value) {
      if (!(await to.compareAndSet(key, there, value))) continue;
      copied = value;
      if ((await to.get(key)) !== value) continue;
    }
    if (await from.compareAndSet(key, value, undefined)) return true;
  }
}
