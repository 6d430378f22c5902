import { parseCredentials } from '../../src/credentials/parseCredentials.js';
import { InvalidCredentialsError } from '../../src/errors/InvalidCredentialsError.js';

/** The error that an input is refused with; anything but a refusal is a failure of the test. */
export function refusalOf(
  input: unknown,
  parse: (input: unknown) => unknown = parseCredentials,
): InvalidCredentialsError {
  try {
    parse(input);
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return error;
    throw error;
  }
  throw new Error('It was taken');
}
