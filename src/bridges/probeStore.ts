import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { MaybePromise } from '../storage/StorageBackend.js';
import { createNonce } from '../record/createNonce.js';
import { andThen } from './andThen.js';
import type { TextStore } from './TextStore.js';

/** Written as a record is: JSON, with numbers that parsing would change, letters beyond ASCII, and both forms of é. */
const sample =
  '{"probe":1.0,"id":12345678901234567890,"text":"\u00e9 e\u0301 \u{1f511} %25 \\u0000 \\"quoted\\""}';

/**
 * Tries a store by use: a text has to come back as it was written, and be gone when it was removed.
 *
 * @throws {StorageUnavailableError} where the store loses or changes it.
 */
export function probeStore(store: TextStore): MaybePromise<void> {
  const key = `shelflife#probe:${createNonce()}`;
  const refuse = (happened: string): never => {
    throw new StorageUnavailableError(
      `The storage "${store.name}" ${happened}. It must give back the same strings; check its serializer, its drivers and its lifetime.`,
      { backend: store.name },
    );
  };
  return andThen(store.write(key, sample), () =>
    andThen(store.read(key), (value) =>
      andThen(store.remove(key), () => {
        if (value === undefined || value === null) refuse('lost a string that was just written');
        if (typeof value !== 'string') refuse(`gave back ${typeof value} for a string`);
        if (value !== sample) refuse('changed a string');
        return andThen(store.read(key), (left) => {
          if (left !== undefined && left !== null) refuse('still has what was removed');
        });
      }),
    ),
  );
}
