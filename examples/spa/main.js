/** A page that signs in, keeps its tokens in IndexedDB, and shows how they age. Reload it: it stays signed in. */
import { createCredentialStore, fromTokenResponse } from 'shelflife';
import { createFetch } from 'shelflife/fetch';
import { indexedDBBackend } from 'shelflife/indexeddb';
import { refreshGrant } from 'shelflife/oauth';
import { createAuthorization } from './authorization.js';

const settings = await (await fetch('/settings.json')).json();
const authorization = createAuthorization({ ...settings, redirectUri: `${location.origin}/` });
authorization.catch(show);

const store = createCredentialStore({
  storage: indexedDBBackend(),
  leeway: settings.leeway,
  refresh: refreshGrant({ issuer: settings.issuer, client: { client_id: settings.clientId } }),
  onError: show,
});
const session = store.entry();
// The API of this page is the authorization server's own: who the user is.
const fetchWithToken = createFetch(session, { origins: [new URL(settings.issuer).origin] });

const element = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });
let shownStatus;
let starting = true;

function showExpiry({ status, expiresAt, refreshing, error }) {
  if (status !== shownStatus) log(status);
  shownStatus = status;
  element('status').textContent = refreshing ? `${status}, refreshing` : status;
  element('status').dataset.status = status;
  element('signed-in').hidden = status === 'absent' || status === 'loading';
  const ended = error?.name === 'RefreshRejectedError';
  // Coming back from the authorization server, the page has no tokens yet, but is about to get some.
  element('signed-out').hidden = starting || (status !== 'absent' && !ended);
  element('invitation').hidden = ended;
  element('expires-at').textContent = expiresAt ? time.format(expiresAt) : 'unknown';
  element('refresh').disabled = refreshing;
  if (status === 'absent') element('user').textContent = 'Signed in.';
  if (error) show(error);
}

session.expiry.subscribe(showExpiry);

session.credentials.subscribe((credentials) => {
  const { issued_at: issuedAt, expires_in: lifetime } = credentials ?? {};
  element('issued-at').textContent = issuedAt ? time.format(issuedAt) : '–';
  element('lifetime').max = lifetime ?? 1;
});

session.timeLeft().subscribe((seconds) => {
  element('time-left').textContent = seconds === null ? '–' : `${seconds} s`;
  element('lifetime').value = seconds ?? 0;
});

store.health.subscribe(({ status, backend, persistent }) => {
  const kept = persistent ? 'kept after the page is closed' : 'gone when the page is closed';
  element('storage').textContent = `${backend}, ${kept} (${status})`;
});

onClick('sign-in', async () => (await authorization).start());
onClick('refresh', () => session.refresh());
onClick('sign-out', signOut);

await attempt(async () => {
  await finishSignIn();
  await greet();
});
starting = false;
showExpiry(session.expiry.value);

async function finishSignIn() {
  const issuedAt = new Date();
  const response = await (await authorization).finish();
  if (!response) return;
  await session.set(fromTokenResponse(response, { issuedAt }));
  log('signed in');
}

async function greet() {
  if (!(await session.get())) return;
  const { userinfoEndpoint } = await authorization;
  const user = await (await fetchWithToken(userinfoEndpoint)).json();
  element('user').textContent = `Signed in as ${user.name}.`;
}

async function signOut() {
  const credentials = await session.get();
  await session.delete();
  log('signed out');
  if (credentials?.refresh_token) await (await authorization).revoke(credentials.refresh_token);
}

function onClick(id, action) {
  element(id).addEventListener('click', () => void attempt(action));
}

async function attempt(action) {
  try {
    hideError();
    await action();
  } catch (error) {
    show(error);
  }
}

function show(error) {
  element('error').textContent = `${error.name}: ${error.message}`;
  element('error').hidden = false;
}

function hideError() {
  element('error').hidden = true;
}

function log(text) {
  const item = document.createElement('li');
  item.textContent = `${time.format(new Date())}  ${text}`;
  element('log').prepend(item);
}
