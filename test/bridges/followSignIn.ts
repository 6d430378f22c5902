/** What a browser does with an authorization request: follows it, cookies and all, to the redirect URI; gives that. */
export async function followSignIn(authorizationUrl: URL, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = authorizationUrl;
  while (!next.href.startsWith(redirectUri)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`No redirect, but ${response.status}: ${await response.text()}`);
    next = new URL(location, next);
  }
  return next;
}
