import { basename } from 'node:path';

/** `--quick` tries a bench: few rounds, and nothing is written. */
export const isQuick = process.argv.includes('--quick');

/** The question is the script that asks it. */
export const question = basename(process.argv[1] ?? '', '.mjs');

export function roundsOf(rounds) {
  return isQuick ? Math.min(2, rounds) : rounds;
}

/** What is counted in a long run, and in a trial. */
export function either(long, quick) {
  return isQuick ? quick : long;
}
