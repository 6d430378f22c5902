/**
 * The sign-in the scripts share, by oauth4webapi: as a device does it (RFC 8628), since a script has no browser of its
 * own. It knows nothing of how tokens are kept.
 */
import * as oauth from 'oauth4webapi';
import { createFetch } from 'shelflife/fetch';
import { refreshGrant } from 'shelflife/oauth';

// The example's server speaks plain http, on loopback. A real one never does.
const insecure = { [oauth.allowInsecureRequests]: true };

export async function createOAuthClient({ issuer, clientId = 'shelflife-example' }) {
  const client = { client_id: clientId };
  const server = await discover(new URL(issuer));

  return {
    /** A token endpoint's answer, once the user has approved this device. */
    async signIn(tell) {
      const asked = { scope: 'openid profile' };
      const started = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), asked, insecure);
      const device = await oauth.processDeviceAuthorizationResponse(server, client, started);
      tell(`Open ${device.verification_uri} and enter the code ${device.user_code}.`);
      for (;;) {
        const answer = await askForDevice(server, client, device);
        if (answer) return answer;
        await delay((device.interval ?? 5) * 1000);
      }
    },

    /** For the store's `refresh` option. */
    refresh: refreshGrant({ issuer: server, client }),

    /** A protected resource: the user's own data. */
    userinfo: (session) =>
      createFetch(session, { origins: [new URL(issuer).origin] })(server.userinfo_endpoint),
  };
}

async function discover(issuer) {
  try {
    return await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  } catch (error) {
    throw new Error(`The authorization server at ${issuer.origin} does not answer.`, { cause: error });
  }
}

/** The tokens, or nothing while the user has not approved yet. */
async function askForDevice(server, client, { device_code: deviceCode }) {
  const response = await oauth.deviceCodeGrantRequest(server, client, oauth.None(), deviceCode, insecure);
  try {
    return await oauth.processDeviceCodeResponse(server, client, response);
  } catch (error) {
    if (error.error !== 'authorization_pending' && error.error !== 'slow_down') throw error;
    return undefined;
  }
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
