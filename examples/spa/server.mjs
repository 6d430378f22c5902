/**
 * Runs the single-page app and an authorization server for it, until stopped:
 *
 *   node examples/spa/server.mjs [port] [access token lifetime in seconds]
 */
import { startAuthorizationServer } from '../authorization-server/startAuthorizationServer.mjs';
import { startPageServer } from './startPageServer.mjs';

const [port = '8080', accessTokenLifetime = '20'] = process.argv.slice(2);
const { issuer, clientId } = await startAuthorizationServer({
  accessTokenLifetime: Number(accessTokenLifetime),
});
const { origin } = await startPageServer({ port: Number(port), issuer, clientId });
console.log(`Open ${origin}. Access tokens last ${accessTokenLifetime} s. Press Ctrl+C to stop.`);
