let made = 0;

/** Credentials as large as those of the usual providers: an id_token of a kilobyte, two opaque tokens. */
export function sampleCredentials() {
  made += 1;
  return {
    access_token: randomText(32),
    refresh_token: randomText(32),
    id_token: `${idToken}${made}`,
    token_type: 'Bearer',
    scope: 'openid profile email',
    issued_at: new Date(),
    expires_in: 3600,
  };
}

const idToken = randomText(750);

function randomText(bytes) {
  const text = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
