import type { Credentials } from '../credentials/Credentials.js';

/** The tokens in credentials, whatever their members are called: `access_token`, `id_token`, … */
export function secretsOf(...all: (Credentials | undefined)[]): string[] {
  return all
    .flatMap((credentials) => Object.entries(credentials ?? {}))
    .flatMap(([name, value]) => (/token$/i.test(name) && typeof value === 'string' ? value : []));
}
