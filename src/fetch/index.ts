export { createFetch } from './createFetch.js';
export type { FetchOptions } from './FetchOptions.js';
