import type { Bench, ConformanceTest } from './bench.js';
import { demand, demandSame, show, showAll } from './demand.js';
import { pause } from './within.js';

export const hintTests: readonly ConformanceTest[] = [
  {
    title: 'ends a subscription as often as it is told to',
    async run(bench) {
      const heard = listen(bench);
      if (!heard) return;
      heard.unsubscribe();
      heard.unsubscribe();
      heard.hints.length = 0;
      await bench.write(bench.key(), 'value');
      await pause(50);
      demand(
        heard.hints.length === 0,
        'An ended subscription hears nothing more',
        `it heard of ${showAll(heard.hints.flat())}`,
      );
    },
  },
  {
    title: 'hints with the key or nothing, never with a value',
    async run(bench) {
      const heard = listen(bench);
      if (!heard) return;
      const values = ['a first value', 'a second value'];
      for (const value of values) await bench.write(bench.key(), value);
      await bench.write(bench.key(), undefined);
      await pause(50);
      heard.unsubscribe();
      for (const hint of heard.hints) {
        demand(
          hint.length <= 1 && (hint[0] === undefined || typeof hint[0] === 'string'),
          'A listener is called with the key or undefined',
          `it was called with ${showAll(hint)}`,
        );
        demand(
          !values.some((value) => hint[0]?.includes(value)),
          'A hint never carries a value',
          `a listener was called with ${show(hint[0])}`,
        );
      }
    },
  },
  {
    title: 'can be read and written from within a hint',
    async run({ backend, key, read, write, compareAndSet }) {
      let answer: Promise<unknown> | undefined;
      const answerHint = async (): Promise<void> => {
        await read(key());
        await compareAndSet(key('other'), undefined, 'value');
      };
      const unsubscribe = backend.subscribe?.(() => {
        // Not at once, since its own write may lead to a hint.
        answer ??= Promise.resolve().then(answerHint);
        answer.catch(() => {});
      });
      if (!unsubscribe) return;
      await write(key(), 'value');
      await pause(50);
      unsubscribe();
      await answer;
    },
  },
];

interface Heard {
  readonly hints: (readonly [key?: string | undefined])[];
  readonly unsubscribe: () => void;
}

function listen({ backend }: Bench): Heard | undefined {
  if (!backend.subscribe) return undefined;
  const hints: Heard['hints'] = [];
  const unsubscribe = backend.subscribe((...hint) => void hints.push(hint));
  demandSame(typeof unsubscribe, 'function', 'subscribe() returns what ends the subscription');
  return { hints, unsubscribe };
}
