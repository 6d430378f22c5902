export { browserKey } from './browserKey.js';
export { createSalt } from './createSalt.js';
export { encryptedBackend } from './encryptedBackend.js';
export { passphraseKey } from './passphraseKey.js';
export { rawKey } from './rawKey.js';

export { DecryptionError } from '../errors/DecryptionError.js';
export { KeyUnavailableError } from '../errors/KeyUnavailableError.js';

export type { EncryptedBackend, EncryptedBackendOptions } from './encryptedBackend.js';
export type { EncryptionKey, KeySource, OpenedKey } from './KeySource.js';
export type { RotateOptions } from './rotateRecords.js';
export type { Progress } from '../storage/Progress.js';
