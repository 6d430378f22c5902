// The core where there are no files, no processes and no timers outside a request: a Worker whose test imports it.
import * as shelflife from 'shelflife';

const { createCredentialStore, expiryOf, memoryBackend } = shelflife;

// Outside a request a Worker allows no timers, no randomness and no requests: constructing is to need none.
const store = createCredentialStore({
  storage: memoryBackend(),
  refresh: async () => ({ access_token: 'second', expires_in: 3600 }),
});
const entry = store.entry();

const checks = {
  'the core is imported outside a request': () => typeof shelflife.isShelflifeError === 'function',
  'credentials are set and read': async () => {
    await entry.set({ access_token: 'first', issued_at: new Date(), expires_in: 3600 });
    return (await entry.get()).access_token === 'first';
  },
  'expiry is told': () => expiryOf({ access_token: 'a' }).status === 'queued',
  'an invalidated token is refreshed': async () => {
    await entry.invalidate('first');
    return (await entry.getAccessToken()) === 'second';
  },
  'transitions arrive in real time': async () => {
    const short = store.entry('short');
    const observing = createCredentialStore({ storage: memoryBackend() });
    await observing.entry().set({ access_token: 'first', issued_at: new Date(), expires_in: 1 });
    const heard = [];
    observing.entry().expiry.subscribe(({ status }) => heard.push(status));
    await observing.entry().until('expired');
    await observing.close();
    return heard.join() === 'fresh,expiring,expired' && short.expiry.value.status === 'absent';
  },
  'the store closes': async () => {
    await store.close();
    return entry.get().then(
      () => false,
      ({ name }) => name === 'ClosedError',
    );
  },
};

export default {
  async test() {
    for (const [title, run] of Object.entries(checks)) {
      const passed = await Promise.resolve()
        .then(run)
        .catch((error) => String(error.stack));
      console.log(`check ${JSON.stringify({ title, ...(passed !== true && { error: String(passed) }) })}`);
    }
  },
};
