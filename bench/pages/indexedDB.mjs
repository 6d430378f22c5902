import * as keyval from 'idb-keyval';
import localforage from 'localforage';
import { createCredentialStore } from 'shelflife';
import { indexedDBBackend } from 'shelflife/indexeddb';
import { createStorage } from 'unstorage';
import indexedDriver from 'unstorage/drivers/indexedb';
import { sampleCredentials } from '../sampleCredentials.mjs';
import { repeat, takeRounds } from '../support/takeRounds.mjs';
import { forceDurability } from './forceDurability.mjs';

const durable = forceDurability();
const entryOf = (storage) => createCredentialStore({ storage }).entry();
const entry = entryOf(indexedDBBackend());
const useStore = keyval.createStore('keyval', 'keyval');
const unstorage = createStorage({ driver: indexedDriver({ dbName: 'unstorage', storeName: 'items' }) });

/** Each question is one table; `durability` is forced on all but ours, which is `strict` by itself. */
globalThis.measure = async (question, { rounds, operations }) => {
  const onRound = (round, of) => globalThis.tell?.(question, round, of);
  const contenders = await questions[question](operations);
  const samples = await takeRounds(contenders, { rounds, operations, onRound });
  return { samples, contenders: contenders.map(({ name }) => ({ name })) };
};

const questions = {
  write: async (operations) => [
    contender('idb-keyval: set', operations, write.keyval, 'strict'),
    contender('bare: get and put in one transaction', operations, write.bare, 'strict'),
    contender('get, then put, in two transactions (as firebase)', operations, write.firebase, 'strict'),
    contender('localforage: setItem', operations, write.localforage, 'strict'),
    contender('unstorage: setItem', operations, write.unstorage, 'strict'),
    contender('shelflife: set', operations, () => entry.set(sampleCredentials())),
  ],
  relaxed: async (operations) => [
    contender('idb-keyval: set, relaxed', operations, write.keyval, 'relaxed'),
    contender('localforage: setItem, relaxed', operations, write.localforage, 'relaxed'),
    contender('unstorage: setItem, relaxed', operations, write.unstorage, 'relaxed'),
    contender('shelflife: set, strict', operations, () => entry.set(sampleCredentials())),
  ],
  read: async (operations) => {
    await fill();
    return [
      contender('idb-keyval: get', operations, () => keyval.get('key', useStore)),
      contender('localforage: getItem', operations, () => localforage.getItem('key')),
      contender('unstorage: getItem', operations, () => unstorage.getItem('key')),
      contender('shelflife: get', operations, () => entry.get()),
    ];
  },
  cold: async (operations) => {
    await fill();
    return [
      contender('idb-keyval: get, database opened anew', operations, readAnewByKeyval),
      contender('localforage: getItem, database opened anew', operations, readAnewByLocalforage),
      contender('shelflife: get, by a new store', operations, readAnewByShelflife),
    ];
  },
  signal: async (operations) => {
    await fill();
    entry.expiry.subscribe(() => {});
    await entry.get();
    const plain = { value: entry.expiry.value };
    return [
      { name: 'a property of an object', run: () => readValues(plain, operations) },
      { name: 'shelflife: expiry.value', run: () => readValues(entry.expiry, operations) },
    ];
  },
};

const write = {
  keyval: () => keyval.set('key', sampleCredentials(), useStore),
  localforage: () => localforage.setItem('key', sampleCredentials()),
  unstorage: () => unstorage.setItem('key', sampleCredentials()),
  async firebase() {
    await keyval.get('key', useStore);
    await keyval.set('key', sampleCredentials(), useStore);
  },
  bare: () =>
    useStore('readwrite', (store) => {
      store.get('key').onsuccess = () => {
        store.put(sampleCredentials(), 'key');
        store.transaction.commit();
      };
      return new Promise((resolve, reject) => {
        store.transaction.oncomplete = resolve;
        store.transaction.onabort = reject;
      });
    }),
};

function contender(name, operations, run, durability) {
  return { name, before: durable(durability), run: () => repeat(operations, run) };
}

async function fill() {
  await Promise.all([write.keyval(), write.localforage(), write.unstorage(), entry.set(sampleCredentials())]);
}

async function readAnewByKeyval() {
  const request = indexedDB.open('keyval');
  const database = await keyval.promisifyRequest(request);
  await keyval.get('key', (mode, use) => use(database.transaction('keyval', mode).objectStore('keyval')));
  database.close();
}

async function readAnewByLocalforage() {
  const instance = localforage.createInstance({});
  await instance.getItem('key');
}

async function readAnewByShelflife() {
  const store = createCredentialStore({ storage: indexedDBBackend() });
  await store.entry().get();
  await store.close();
}

function readValues(signal, reads) {
  let seen = 0;
  for (let read = 0; read < reads; read += 1) if (signal.value !== undefined) seen += 1;
  if (seen !== reads) throw new Error('A value was missing.');
}
