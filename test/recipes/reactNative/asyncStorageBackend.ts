import AsyncStorage from '@react-native-async-storage/async-storage';
import type { StorageBackend } from 'shelflife';

let turn: Promise<unknown> = Promise.resolve();

/** One JavaScript context has the storage for itself, so a queue makes the comparison atomic. */
export const asyncStorageBackend: StorageBackend = {
  name: 'async-storage',
  scope: 'context',
  persistent: true,
  get: async (key) => (await AsyncStorage.getItem(key)) ?? undefined,
  keys: async (prefix) => (await AsyncStorage.getAllKeys()).filter((key) => key.startsWith(prefix)),
  compareAndSet(key, expected, next) {
    const work = async (): Promise<boolean> => {
      if (((await AsyncStorage.getItem(key)) ?? undefined) !== expected) return false;
      await (next === undefined ? AsyncStorage.removeItem(key) : AsyncStorage.setItem(key, next));
      return true;
    };
    const done = turn.then(work, work);
    turn = done;
    return done;
  },
};
