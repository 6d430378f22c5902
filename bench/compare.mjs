import { either, roundsOf } from './support/options.mjs';
import { printTable } from './support/printTable.mjs';
import { showProgress } from './support/progress.mjs';
import { recordTable } from './support/recordTable.mjs';
import { tabulate } from './support/tabulate.mjs';
import { takeRounds } from './support/takeRounds.mjs';

/**
 * Runs each contender several times, in turn, and tells and keeps its median as a ratio to the first one, the peer: a
 * ratio holds on another machine, milliseconds do not. `operations` is how often a run does what is asked for.
 */
export async function compare(
  title,
  contenders,
  { rounds = 9, operations = 1, unit = 'µs', how, goals } = {},
) {
  const samples = await takeRounds(contenders, {
    rounds: roundsOf(rounds),
    operations,
    onRound: either(showProgress(title), undefined),
  });
  return keep({ title, unit, how, contenders, samples, goals });
}

/** For what measured itself: in a page, in other processes. */
export function keep(measured) {
  const table = tabulate(measured);
  printTable(table);
  recordTable(table);
  return table;
}
