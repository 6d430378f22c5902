import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The builds to compare: `dist`, and before it another one, whose `dist` the environment variable `BASELINE` names.
 * Figures of two builds from one run can be compared; figures of two runs can't.
 */
export async function builds() {
  const own = { ...(await import('shelflife')), ...(await import('shelflife/file')), name: 'this build' };
  const { BASELINE } = process.env;
  if (!BASELINE) return [own];
  const load = (file) => import(pathToFileURL(resolve(BASELINE, file)).href);
  return [{ ...(await load('index.js')), ...(await load('file.js')), name: 'the baseline' }, own];
}
