import type { StorageArea } from '../../../src/storage/local-storage.js';

/** A `Storage` object that says what was done to it. */
export class FakeStorageArea implements StorageArea {
  readonly values = new Map<string, string>();
  readonly done: string[] = [];
  quota = Infinity;

  key(index: number): string | null {
    return [...this.values.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    this.done.push(`get ${key}`);
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.done.push(`set ${key}`);
    if (value.length > this.quota)
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    this.done.push(`remove ${key}`);
    this.values.delete(key);
  }
}
