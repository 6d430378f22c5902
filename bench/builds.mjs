import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

/**
 * The builds to compare: `dist`, and before it another one, whose `dist` the environment variable `BASELINE` names.
 * Figures of two builds from one run can be compared; figures of two runs can't.
 */
export async function builds() {
  const found = [{ name: 'this build', ...(await import('shelflife')) }];
  const { BASELINE } = process.env;
  if (!BASELINE) return found;
  const load = (file) => import(pathToFileURL(resolve(BASELINE, file)).href);
  return [{ name: 'the baseline', ...(await load('index.js')) }, ...found];
}
