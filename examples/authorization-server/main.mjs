/**
 * Runs the authorization server by itself, until it is stopped:
 *
 *   node examples/authorization-server/main.mjs [port] [access token lifetime in seconds]
 */
import { startAuthorizationServer } from './startAuthorizationServer.mjs';

const [port = '9000', accessTokenLifetime = '60'] = process.argv.slice(2);
const server = await startAuthorizationServer({
  port: Number(port),
  accessTokenLifetime: Number(accessTokenLifetime),
});

console.log(`Authorization server: ${server.issuer}`);
console.log(`Public client:        ${server.clientId}`);
console.log(`Access tokens last    ${accessTokenLifetime} s. Press Ctrl+C to stop.`);
