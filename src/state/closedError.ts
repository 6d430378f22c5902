import { ClosedError } from '../errors/ClosedError.js';
import type { StoreState } from './model.js';

/** What calls of a closed store reject with. */
export function closedError({ context }: StoreState): ClosedError {
  return new ClosedError('The store is closed. Create another one to go on.', {
    backend: context.backend.name,
  });
}
