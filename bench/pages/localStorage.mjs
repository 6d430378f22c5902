import { LocalStorageCache } from '@auth0/auth0-spa-js';
import * as keyval from 'idb-keyval';
import { User, WebStorageStateStore } from 'oidc-client-ts';
import { createCredentialStore } from 'shelflife';
import { localStorageBackend } from 'shelflife/local-storage';
import { sampleCredentials } from '../sampleCredentials.mjs';
import { repeat, takeRounds } from '../support/takeRounds.mjs';

const entry = createCredentialStore({ storage: localStorageBackend() }).entry();
const oidc = new WebStorageStateStore({ store: localStorage });
const auth0 = new LocalStorageCache();

globalThis.measure = async (question, { rounds, operations }) => {
  const onRound = (round, of) => globalThis.tell?.(question, round, of);
  for (const { write } of Object.values(contenders)) await write();
  const asked = questions[question].map(([name, run]) => ({ name, run: () => repeat(operations, run) }));
  const samples = await takeRounds(asked, { rounds, operations, onRound });
  return { samples, contenders: asked.map(({ name }) => ({ name })) };
};

const contenders = {
  raw: {
    write: () => localStorage.setItem('key', JSON.stringify(sampleCredentials())),
    read() {
      const credentials = JSON.parse(localStorage.getItem('key'));
      credentials.issued_at = new Date(credentials.issued_at);
      return credentials;
    },
  },
  keyval: {
    write: () => keyval.set('key', sampleCredentials()),
    read: () => keyval.get('key'),
  },
  oidc: {
    write: () => oidc.set('user', userOf(sampleCredentials()).toStorageString()),
    read: async () => User.fromStorageString(await oidc.get('user')),
  },
  auth0: {
    write: () => auth0.set('key', sampleCredentials()),
    read: () => auth0.get('key'),
  },
  shelflife: { write: () => entry.set(sampleCredentials()), read: () => entry.get() },
};

const questions = {
  write: [
    ['idb-keyval: set, relaxed', contenders.keyval.write],
    ['setItem and JSON', contenders.raw.write],
    ['oidc-client-ts: its store', contenders.oidc.write],
    ['auth0-spa-js: its cache', contenders.auth0.write],
    ['shelflife: set', contenders.shelflife.write],
  ],
  read: [
    ['getItem, JSON and a Date', contenders.raw.read],
    ['idb-keyval: get', contenders.keyval.read],
    ['oidc-client-ts: its store', contenders.oidc.read],
    ['auth0-spa-js: its cache', contenders.auth0.read],
    ['shelflife: get', contenders.shelflife.read],
    ['shelflife: get, by a new store', readAnew],
  ],
};

async function readAnew() {
  const store = createCredentialStore({ storage: localStorageBackend() });
  await store.entry().get();
  await store.close();
}

function userOf({ access_token, refresh_token, id_token, token_type, scope, expires_in }) {
  const expires_at = Math.floor(Date.now() / 1000) + expires_in;
  return new User({ access_token, refresh_token, id_token, token_type, scope, expires_at, profile: {} });
}
