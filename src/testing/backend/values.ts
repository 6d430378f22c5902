import type { ConformanceTest } from './bench.js';
import { demand, demandSame, show } from './demand.js';

const TEXTS: readonly string[] = [
  '',
  ' ',
  'true',
  '123',
  'null',
  'undefined',
  '{"a":1}',
  '"quoted"',
  'two\nlines\r\nand\ttabs ',
  '\u{feff}with a byte order mark',
  'before\0after',
  '\u{1f511} clé ключ 鍵',
  // The same letter composed and decomposed: nobody may normalise.
  '\u00e9',
  'e\u0301',
];

export const valueTests: readonly ConformanceTest[] = [
  {
    title: 'reads undefined where nothing was ever written',
    async run({ read, key }) {
      demandSame(await read(key()), undefined, 'get() of an absent key is undefined');
    },
  },
  {
    title: 'reads what was written as soon as the write resolves',
    async run({ compareAndSet, read, key }) {
      demandSame(
        await compareAndSet(key(), undefined, 'first'),
        true,
        'compareAndSet() returns true when it wrote',
      );
      demandSame(await read(key()), 'first', 'get() reads what was just written');
      demandSame(
        await compareAndSet(key(), 'first', 'second'),
        true,
        'compareAndSet() replaces the expected value',
      );
      demandSame(await read(key()), 'second', 'get() reads the newest value');
    },
  },
  {
    title: 'refuses a write that expects an older value',
    async run({ compareAndSet, write, read, key }) {
      await write(key(), 'old');
      await write(key(), 'new');
      for (const next of ['late', undefined]) {
        const written = await compareAndSet(key(), 'old', next);
        demandSame(
          written,
          false,
          'compareAndSet() returns false when the stored value is not the expected one',
        );
        demandSame(await read(key()), 'new', 'A refused write changes nothing');
      }
    },
  },
  {
    title: 'creates only what is absent',
    async run({ compareAndSet, write, read, key }) {
      await write(key(), 'there');
      const created = await compareAndSet(key(), undefined, 'mine');
      demandSame(
        created,
        false,
        'compareAndSet() that expects undefined writes only where nothing is stored',
      );
      demandSame(await read(key()), 'there', 'A refused creation changes nothing');
    },
  },
  {
    title: 'refuses a write that expects a value where nothing is stored',
    async run({ compareAndSet, read, key }) {
      for (const next of ['next', undefined]) {
        const written = await compareAndSet(key(), 'expected', next);
        demandSame(
          written,
          false,
          'compareAndSet() returns false when a value is expected and the key is absent',
        );
      }
      demandSame(await read(key()), undefined, 'A refused write creates nothing');
    },
  },
  {
    title: 'deletes, and creates again afterwards',
    async run({ compareAndSet, write, read, key }) {
      await write(key(), 'first');
      demandSame(
        await compareAndSet(key(), 'first', undefined),
        true,
        'compareAndSet() to undefined deletes',
      );
      demandSame(await read(key()), undefined, 'get() of a deleted key is undefined');
      demandSame(await compareAndSet(key(), undefined, 'second'), true, 'A deleted key can be created again');
      demandSame(await read(key()), 'second', 'A key that was created again has its new value');
    },
  },
  {
    title: 'takes the deletion of what is absent as done',
    async run({ compareAndSet, key }) {
      const deleted = await compareAndSet(key(), undefined, undefined);
      demandSame(
        deleted,
        true,
        'compareAndSet() from undefined to undefined returns true where nothing is stored',
      );
    },
  },
  {
    title: 'keeps every text exactly as it is',
    async run({ compareAndSet, write, read, key }) {
      for (const [index, text] of TEXTS.entries()) {
        const own = key(`text-${index}`);
        await write(own, text);
        demandSame(await read(own), text, 'A value comes back exactly as it was written');
        const replaced = await compareAndSet(own, text, `${text} and more`);
        demandSame(replaced, true, `compareAndSet() knows the stored ${show(text)} when it is expected`);
      }
    },
  },
  {
    title: 'tells an empty value from an absent one',
    async run({ compareAndSet, write, read, key }) {
      await write(key(), '');
      demandSame(await read(key()), '', 'An empty string is a value, not absence');
      const created = await compareAndSet(key(), undefined, 'created');
      demandSame(created, false, 'An empty string is a value: nothing is created over it');
    },
  },
  {
    title: 'keeps long values',
    async run({ write, read, key }) {
      for (const length of [16_384, 262_144]) {
        const text = 'æ\u{1f511}0"\\'
          .repeat(Math.ceil(length / 6))
          .slice(0, length - 1)
          .concat('.');
        await write(key(), text);
        const value = await read(key());
        demand(
          value === text,
          `A value of ${length} characters comes back whole`,
          `${show(value)} came back, of ${value?.length ?? 0} characters`,
        );
      }
    },
  },
];
