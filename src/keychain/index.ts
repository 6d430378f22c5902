export { keychainKey } from './keychainKey.js';

export { KeyUnavailableError } from '../errors/KeyUnavailableError.js';

export type { KeychainKeyOptions } from './keychainKey.js';
export type { EncryptionKey, KeySource, OpenedKey } from '../encrypted/KeySource.js';
