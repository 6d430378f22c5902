import { summarize } from './statistics.mjs';

/**
 * One table of a result. The first contender is what the others are compared with: by the ratios of each round, so
 * that a slow phase of the machine cancels out. A goal names a row, what it is held against (a row, or nothing where
 * the limit is a figure by itself), and the most it may be.
 */
export function tabulate({ title, unit, how, contenders, samples, goals = [] }) {
  const rows = contenders.map(({ name, ours = name.startsWith('shelflife') }, index) => ({
    name,
    ours,
    ...summarize(samples[index]),
    ...(index > 0 &&
      samples[0].every((sample) => sample !== 0) && { ratio: summarize(ratios(samples[index], samples[0])) }),
  }));
  const samplesOf = (name) => {
    const index = contenders.findIndex((contender) => contender.name === name);
    if (index < 0) throw new Error(`A goal of "${title}" names the row "${name}", which is not there.`);
    return samples[index];
  };
  return {
    title,
    unit,
    ...(how && { how }),
    rows,
    goals: goals.map(({ text, of, against, most, least }) => {
      const own = samplesOf(of);
      const measured = summarize(against ? ratios(own, samplesOf(against)) : own).median;
      const reached = least === undefined ? measured <= most : measured >= least;
      return { text, of, ...(against && { against }), measured, reached };
    }),
  };
}

function ratios(own, others) {
  return own.map((sample, round) => sample / (others[round] || Number.MIN_VALUE));
}
