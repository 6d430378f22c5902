import { originFence } from './originFence.js';
import { otherTabs } from './otherTabs.js';
import type { AreaAccess } from './storageArea.js';
import type { AcrossTabs } from './webStorageMethods.js';

/** How localStorage is shared by the tabs of an origin. */
export interface TabsOfOrigin extends AcrossTabs {
  readonly scope: 'origin' | 'context';
  /** Whether tabs may overwrite each other's writes: nothing prevents it, and there are several. */
  readonly isDegraded: boolean;
  /** Resolves when this page sees what all tabs have written by now, as far as that can be known. */
  catchUp(): Promise<void>;
}

/**
 * Where Web Locks and IndexedDB are there, a fence makes writes atomic in the whole origin. Elsewhere it looks out for
 * other tabs. `hasLocks`: whether Web Locks reach other tabs.
 */
export function tabsOfOrigin(name: string, area: AreaAccess, hasLocks: () => boolean): TabsOfOrigin {
  const hints = new Set<() => void>();
  const tabs = otherTabs(`shelflife:${name}:tabs`, () => hints.forEach((hint) => hint()));
  const fence = originFence(`shelflife:${name}`, name, area);

  const isFenced = (): boolean =>
    hasLocks() && !!globalThis.indexedDB && !fence.isMissing && area.is(globalThis.localStorage);

  /** What can't be done with the fence because it is not to be had, is done without it from then on. */
  const fenced = async <T>(work: Promise<T>, alone: () => T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!fence.isMissing) throw error;
      lookOut();
      return alone();
    }
  };

  const lookOut = (): void => {
    if (!isFenced()) tabs.lookOut();
  };

  const catchUp = async (): Promise<void> => {
    if (isFenced()) await fenced(fence.catchUp(), () => {});
    lookOut();
  };

  return {
    get scope() {
      return isFenced() ? 'origin' : 'context';
    },
    get isDegraded() {
      return tabs.wereSeen && !isFenced();
    },
    lookOut(hint) {
      hints.add(hint);
      // Whether there is a fence is known for sure only when it has been tried.
      catchUp().catch(() => {});
      return () => hints.delete(hint);
    },
    sighted: () => tabs.sighted(),
    compareAndSet(key, expected, next, alone) {
      if (isFenced()) return fenced(fence.compareAndSet(key, expected, next), alone);
      lookOut();
      return alone();
    },
    catchUp,
    close() {
      tabs.close();
      fence.close();
    },
  };
}
