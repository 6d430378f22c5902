/**
 * Runs every contender once a round, for many short rounds, each round beginning with another one: what disturbs the
 * machine then disturbs all of them. Gives the samples of each, in microseconds an operation; a contender that
 * returns a number has measured itself. Runs in Node and in pages.
 */
export async function takeRounds(contenders, { rounds, operations = 1, onRound = () => {} }) {
  const samples = contenders.map(() => []);
  // The first round warms up.
  for (let round = -1; round < rounds; round += 1) {
    onRound(round + 1, rounds);
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (turn + round + 1) % contenders.length;
      const { run, before } = contenders[index];
      await before?.();
      const started = performance.now();
      const told = await run();
      const elapsed = ((performance.now() - started) * 1000) / operations;
      if (round >= 0) samples[index].push(typeof told === 'number' ? told : elapsed);
    }
  }
  return samples;
}

export async function repeat(times, run) {
  for (let turn = 0; turn < times; turn += 1) await run(turn);
}
