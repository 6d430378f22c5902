'use client';
import { createElement, useEffect, useState } from 'react';
import { createCredentialStore } from 'shelflife';
import { indexedDBBackend } from 'shelflife/indexeddb';
import { localStorageBackend } from 'shelflife/local-storage';
import { useExpiry } from 'shelflife/react';

const stores = [indexedDBBackend(), localStorageBackend()].map((storage) =>
  createCredentialStore({ storage }),
);

/** Signs in, with both storages of a browser, and shows how the tokens are doing. */
export function Session() {
  const statuses = stores.map((store) => useExpiry(store.entry()).status);
  const [kept, setKept] = useState('');
  useEffect(() => {
    const credentials = { access_token: 'synthetic', issued_at: new Date(), expires_in: 3600 };
    const read = async (store) => {
      await store.entry().set(credentials);
      return (await store.entry().get()).issued_at instanceof Date;
    };
    Promise.all(stores.map(read)).then(
      (found) => setKept(found.join(' ')),
      (error) => setKept(`${error.name}: ${error.message}`),
    );
  }, []);
  return createElement('p', { id: 'session' }, `${statuses.join(' ')} ${kept}`);
}
