/** What do writes and reads cost in IndexedDB, in Chromium, beside other packages at the same durability? */
import { askPage } from './support/askPage.mjs';

const ours = 'shelflife: set';
const raw = 'idb-keyval: set';

await askPage(
  'indexedDB.mjs',
  ['idb-keyval', 'localforage', 'unstorage'],
  [
    {
      question: 'write',
      title: 'One credential written to IndexedDB, durably',
      how: 'Every transaction is made `strict`, also those of packages that leave it to the browser. The promise resolves when the write is on disk.',
      rounds: 25,
      operations: 20,
      goals: [
        { text: 'at least 0.85 × the speed of idb-keyval', of: ours, against: raw, most: 1 / 0.85 },
        {
          text: 'ahead of get, then put',
          of: ours,
          against: 'get, then put, in two transactions (as firebase)',
          most: 1,
        },
        { text: 'ahead of localforage', of: ours, against: 'localforage: setItem', most: 1 },
        { text: 'ahead of unstorage', of: ours, against: 'unstorage: setItem', most: 1 },
      ],
    },
    {
      question: 'relaxed',
      title: 'The same beside packages as they come, which do not wait for the disk',
      how: 'Theirs resolve before the write is on disk, ours after it.',
      rounds: 15,
      operations: 20,
    },
    {
      question: 'read',
      title: 'One credential read from IndexedDB, after the first time',
      rounds: 25,
      operations: 50,
    },
    {
      question: 'cold',
      title: 'One credential read from IndexedDB, the database opened for it',
      rounds: 25,
      operations: 10,
      goals: [
        {
          text: 'at least 0.85 × the speed of a bare read',
          of: 'shelflife: get, by a new store',
          against: 'idb-keyval: get, database opened anew',
          most: 1 / 0.85,
        },
      ],
    },
    {
      question: 'signal',
      title: 'A signal read',
      rounds: 15,
      operations: 200_000,
      goals: [{ text: 'at most 0.1 µs', of: 'shelflife: expiry.value', most: 0.1 }],
    },
  ],
);
