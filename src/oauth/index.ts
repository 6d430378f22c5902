export { clientCredentialsGrant } from './clientCredentialsGrant.js';
export { refreshGrant } from './refreshGrant.js';
export type { GrantOptions, Refresh } from './GrantOptions.js';
