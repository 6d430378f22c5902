/** What do writes and reads cost in localStorage, in Chromium, beside what clients of OAuth keep there? */
import { askPage } from './support/askPage.mjs';

const peers = ['idb-keyval', 'oidc-client-ts', '@auth0/auth0-spa-js'];

await askPage('localStorage.mjs', peers, [
  {
    question: 'write',
    title: 'One credential written to localStorage',
    how: 'setItem returns before anything is on disk, so the peer is a write to IndexedDB that does not wait either.',
    rounds: 25,
    operations: 50,
    goals: [
      {
        text: 'no dearer than one relaxed set of idb-keyval',
        of: 'shelflife: set',
        against: 'idb-keyval: set, relaxed',
        most: 1,
      },
    ],
  },
  {
    question: 'read',
    title: 'One credential read from localStorage',
    rounds: 25,
    operations: 200,
    goals: ['oidc-client-ts: its store', 'auth0-spa-js: its cache'].map((against) => ({
      text: `ahead of ${against.split(':')[0]}`,
      of: 'shelflife: get',
      against,
      most: 1,
    })),
  },
]);
