import type { Bench, ConformanceTest } from './bench.js';
import { demand, demandSame, show } from './demand.js';
import { pause } from './within.js';

const WRITERS = 8;
const INCREMENTS = 200;
const LONG = 20_000;

export const concurrencyTests: readonly ConformanceTest[] = [
  {
    title: 'lets exactly one of several writers with the same expected value win',
    async run({ compareAndSet, read, write, key }) {
      for (const expected of [undefined, 'there']) {
        // No value repeats: the contract promises that to backends.
        const name = `writer after ${expected}`;
        await write(key(), expected);
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, writer) => compareAndSet(key(), expected, `${name} ${writer}`)),
        );
        const winners = outcomes.flatMap((won, writer) => (won ? [writer] : []));
        demand(
          winners.length === 1,
          'Exactly one of several compareAndSet() calls with the same expected value wins',
          `${winners.length} of ${outcomes.length} returned true`,
        );
        demandSame(await read(key()), `${name} ${winners[0]}`, 'What the winner wrote is what is stored');
      }
    },
  },
  {
    title: `loses none of ${INCREMENTS} increments by ${WRITERS} writers at once`,
    async run({ compareAndSet, read, key }) {
      await Promise.all(
        Array.from({ length: WRITERS }, async (_, writer) => {
          let refused = 0;
          for (let written = 0; written < INCREMENTS / WRITERS;) {
            const value = await read(key());
            // The writer is part of the value: the contract promises backends that none repeats.
            if (await compareAndSet(key(), value, `${count(value) + 1} by ${writer}`)) written += 1;
            else refused += 1;
            demand(
              refused < INCREMENTS,
              'compareAndSet() refuses only when somebody else wrote meanwhile',
              `it refused ${refused} times when there were ${INCREMENTS} writes in all`,
            );
          }
        }),
      );
      const total = count(await read(key()));
      demandSame(
        total,
        INCREMENTS,
        'Increments that are tried until compareAndSet() returns true are all there',
      );
    },
  },
  {
    title: 'writes different keys at once without mixing them up',
    async run({ compareAndSet, read, list, prefix, key }) {
      const keys = Array.from({ length: 50 }, (_, index) => key(`key ${index}`));
      const outcomes = await Promise.all(keys.map((own) => compareAndSet(own, undefined, `value of ${own}`)));
      demandSame(outcomes.indexOf(false), -1, 'No write is refused because another key is written');
      for (const own of keys) demandSame(await read(own), `value of ${own}`, 'Each key has its own value');
      demandSame((await list(prefix)).length, keys.length, 'All keys written at once are listed');
    },
  },
  {
    title: 'never shows half a value to a reader',
    async run(bench) {
      await bench.write(bench.key(), 'a'.repeat(LONG));
      const writing = new AbortController();
      const reading = readUntil(bench, writing.signal);
      try {
        for (const letter of 'bcdefgh') await bench.write(bench.key(), letter.repeat(LONG));
      } finally {
        writing.abort();
        await reading;
      }
    },
  },
];

function count(value: string | undefined): number {
  return Number.parseInt(value ?? '0', 10);
}

async function readUntil({ read, key }: Bench, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const value = await read(key());
    demand(
      value?.length === LONG && value === value.charAt(0).repeat(LONG),
      'A reader sees the value before or after a write',
      `it saw ${show(value)}`,
    );
    // Otherwise a synchronous backend never lets the writer go on.
    await pause(0);
  }
}
