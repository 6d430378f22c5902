/** Signing in and out by oauth4webapi: authorization code with PKCE. It knows nothing of how tokens are kept. */
import * as oauth from 'oauth4webapi';

// The example's server speaks plain http, on loopback. A real one never does.
const insecure = { [oauth.allowInsecureRequests]: true };
const pendingKey = 'pending-authorization';

export async function createAuthorization({ issuer, clientId, redirectUri }) {
  const client = { client_id: clientId };
  const issuerUrl = new URL(issuer);
  const discovery = await oauth.discoveryRequest(issuerUrl, insecure);
  const server = await oauth.processDiscoveryResponse(issuerUrl, discovery);

  return {
    /** Leaves the page for the authorization server. */
    async start() {
      const codeVerifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      sessionStorage.setItem(pendingKey, JSON.stringify({ codeVerifier, state }));
      const url = new URL(server.authorization_endpoint);
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile',
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
      });
      location.assign(url);
    },

    /** The token endpoint's answer, where the page was opened by a redirect from the authorization server. */
    async finish() {
      const url = new URL(location.href);
      const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null');
      if (!pending || !(url.searchParams.has('code') || url.searchParams.has('error'))) return undefined;
      sessionStorage.removeItem(pendingKey);
      history.replaceState(null, '', url.pathname);
      const parameters = oauth.validateAuthResponse(server, client, url, pending.state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        parameters,
        redirectUri,
        pending.codeVerifier,
        insecure,
      );
      return oauth.processAuthorizationCodeResponse(server, client, response);
    },

    async revoke(refreshToken) {
      const response = await oauth.revocationRequest(server, client, oauth.None(), refreshToken, insecure);
      await oauth.processRevocationResponse(response);
    },

    userinfoEndpoint: server.userinfo_endpoint,
  };
}
