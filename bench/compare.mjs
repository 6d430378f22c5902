/**
 * Runs each contender several times, in turn, and tells its median as a ratio to the first one, the peer: a ratio
 * holds on another machine, milliseconds do not.
 */
export async function compare(question, contenders, { rounds = 7 } = {}) {
  const times = contenders.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { run }] of contenders.entries()) {
      const started = performance.now();
      await run();
      // The first round warms up.
      if (round >= 0) times[index].push(performance.now() - started);
    }
  }

  console.log(`\n${question}`);
  const medians = times.map(median);
  const width = Math.max(...contenders.map(({ name }) => name.length));
  for (const [index, { name }] of contenders.entries()) {
    const ratio = index === 0 ? 'the peer' : `${(medians[index] / medians[0]).toFixed(2)} times the peer`;
    console.log(`  ${name.padEnd(width)}  ${medians[index].toFixed(2).padStart(9)} ms  ${ratio}`);
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
