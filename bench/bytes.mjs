/** How many bytes does a page load: of the core, of each subpath, and of what one would take instead? */
import { keep } from './compare.mjs';
import { bytesOf, ownPieces } from './support/bytesOf.mjs';
import { installPeers, usePeers } from './support/peers.mjs';

await installPeers();
const core = 'createCredentialStore, fromTokenResponse, parseCredentials';
const pages = {
  'shelflife: a page with IndexedDB and React': `
    export { ${core} } from 'shelflife'; export * from 'shelflife/indexeddb'; export * from 'shelflife/react';`,
  'shelflife: the same with localStorage': `
    export { ${core} } from 'shelflife'; export * from 'shelflife/local-storage'; export * from 'shelflife/react';`,
};
const slim = (await ownPieces()).includes('shelflife/slim')
  ? {
      'shelflife: a page with slim, IndexedDB and React': `
        export * from 'shelflife/slim'; export * from 'shelflife/indexeddb'; export * from 'shelflife/react';`,
    }
  : {};
const peers = {
  'oidc-client-ts': "export { UserManager } from 'oidc-client-ts';",
  '@auth0/auth0-spa-js': "export { Auth0Client } from '@auth0/auth0-spa-js';",
  '@supabase/auth-js': "export { AuthClient } from '@supabase/auth-js';",
  '@okta/okta-auth-js': "export { OktaAuth } from '@okta/okta-auth-js';",
  '@azure/msal-browser': "export { PublicClientApplication } from '@azure/msal-browser';",
  'keycloak-js': "export { default } from 'keycloak-js';",
  localforage: "export { default } from 'localforage';",
};
usePeers(...Object.keys(peers));

const measured = await measureAll({ ...peers, ...slim, ...pages });
for (const kind of ['gzip', 'brotli']) {
  const contenders = measured.map(({ name }) => ({ name }));
  keep({
    title: `What a page loads, minified, ${kind}`,
    unit: 'bytes',
    how: 'esbuild bundles and minifies; React itself is left out, as the page has it anyway. The others do the sign-in too, localforage none of it.',
    contenders,
    samples: measured.map((sizes) => [sizes[kind]]),
    goals: Object.keys({ ...slim, ...pages }).map((of) => ({
      text: 'ahead of oidc-client-ts',
      of,
      against: 'oidc-client-ts',
      most: 1,
    })),
  });
}

const pieces = await measureAll(
  Object.fromEntries((await ownPieces()).map((name) => [name, `export * from '${name}';`])),
);
for (const kind of ['gzip', 'brotli']) {
  keep({
    title: `What each subpath is by itself, with what it imports, minified, ${kind}`,
    unit: 'bytes',
    how: 'Subpaths share modules with the core, so their sum is more than a page with all of them. Packages that a user installs beside (peer dependencies) are left out.',
    contenders: pieces.map(({ name }) => ({ name })),
    samples: pieces.map((sizes) => [sizes[kind]]),
  });
}

async function measureAll(codes) {
  const all = [];
  for (const [name, code] of Object.entries(codes)) all.push({ name, ...(await bytesOf(code)) });
  return all;
}
