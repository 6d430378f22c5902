/** All of `shelflife`, with a default codec that reads and writes superjson's format without the package. */
export * from './index.js';
export { createSlimCredentialStore as createCredentialStore } from './createSlimCredentialStore.js';
