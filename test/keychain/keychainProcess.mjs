/**
 * Runs `keychainKey` over files, one call after the other, and prints what each came to as a line of JSON.
 *
 * Arguments: the directory, the service, and the calls: `write:key:text`, `read:key`, `rotate`.
 */
import { encryptedBackend, rawKey } from './encrypted.mjs';
import { fileBackend } from './file.mjs';
import { keychainKey } from './keychain.mjs';

const [directory, service, ...calls] = process.argv.slice(2);
const backend = encryptedBackend(fileBackend({ directory }), {
  keys: [keychainKey({ service }), rawKey(new Uint8Array(32))],
});

for (const call of calls) {
  const [kind, key, text] = call.split(':');
  try {
    if (kind === 'read') print({ value: (await backend.get(key)) ?? null });
    if (kind === 'write') print({ value: await backend.compareAndSet(key, await backend.get(key), text) });
    if (kind === 'rotate') print({ value: await backend.rotate() });
  } catch (error) {
    const { name, code, retryable, message, cause } = error;
    print({ name, code, retryable, message, cause });
  }
}
await backend.close();

function print(outcome) {
  console.log(JSON.stringify(outcome));
}
