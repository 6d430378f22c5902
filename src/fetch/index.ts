export { createFetch, type FetchOptions } from './createFetch.js';
