/**
 * The little OAuth client the examples share: it signs in as a device does (RFC 8628), since a script has no
 * browser of its own. Any OAuth library does the same; shelflife only keeps what comes out of it.
 */
export async function createOAuthClient({ issuer, clientId = 'shelflife-example' }) {
  const server = await discover(issuer);
  const post = async (endpoint, parameters, signal) => {
    const body = new URLSearchParams({ client_id: clientId, ...parameters });
    const response = await fetch(endpoint, { method: 'POST', body, signal });
    return response.json();
  };

  return {
    /** A token endpoint's answer, once the user has approved this device. */
    async signIn(tell) {
      const device = await post(server.device_authorization_endpoint, { scope: 'openid profile' });
      if (device.error) throw new Error(`The authorization server refused: ${device.error}`);
      tell(`Open ${device.verification_uri} and enter the code ${device.user_code}.`);
      for (;;) {
        const answer = await post(server.token_endpoint, {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: device.device_code,
        });
        if (answer.error !== 'authorization_pending' && answer.error !== 'slow_down') return answer;
        await delay((device.interval ?? 5) * 1000);
      }
    },

    /** For the store's `refresh` option. An error answer needs no care: the store knows those of RFC 6749 §5.2. */
    refresh: ({ refresh_token }, { signal }) =>
      post(server.token_endpoint, { grant_type: 'refresh_token', refresh_token }, signal),

    /** A protected resource: the user's own data. */
    userinfo: (accessToken) =>
      fetch(server.userinfo_endpoint, { headers: { authorization: `Bearer ${accessToken}` } }),
  };
}

async function discover(issuer) {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    return await response.json();
  } catch (error) {
    throw new Error(`The authorization server at ${issuer} does not answer.`, { cause: error });
  }
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
