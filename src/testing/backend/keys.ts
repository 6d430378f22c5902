import type { ConformanceTest } from './bench.js';
import { demand, demandSame, show, showAll } from './demand.js';

/** Each is a key of its own: nothing is trimmed, folded, normalised, escaped, cut off or taken for a path. */
const OPAQUE_KEYS: readonly string[] = [
  '',
  ' ',
  '.',
  '..',
  '../x',
  '..\\x',
  '/x',
  'a/b',
  'a\\b',
  'a:b',
  'a',
  'A',
  'a ',
  'a.',
  'a?b',
  'a#b',
  'a*b',
  '?q',
  '%',
  '%2F',
  '%2f',
  '%25',
  'con',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'before\0after',
  'before',
  '\u{1f511}',
  '\u00e9',
  'e\u0301',
  'x'.repeat(300),
  'x'.repeat(299),
  `${'x'.repeat(299)}y`,
];

/** Names that a plain object already has, or that a path could mean; tried bare as well as behind a prefix. */
const BARE_KEYS: readonly string[] = ['', '__proto__', 'constructor', 'toString', '..'];

/** Wildcards of SQL, of Redis and of regular expressions are letters like others. */
const SUFFIXES: readonly string[] =
  'user user/1 user/2 User/3 use xuser/ \u00e9 e\u0301 u%r u_er u*r u?er u[s]er u.er u\\r'.split(' ');
const STARTS: readonly string[] = 'user user/ user/1 \u00e9 e nobody u% u_ u* u? u[s] u. u\\'.split(' ');

export const keyTests: readonly ConformanceTest[] = [
  {
    title: 'takes any text for a key, and no two for the same',
    async run({ write, read, key }) {
      for (const [index, suffix] of OPAQUE_KEYS.entries()) {
        const rule = `The key ${show(suffix)} is a key of its own`;
        demandSame(await read(key(suffix)), undefined, `${rule}, absent until it is written`);
        await write(key(suffix), `value ${index}`);
      }
      for (const [index, suffix] of OPAQUE_KEYS.entries()) {
        const rule = `The key ${show(suffix)} is a key of its own`;
        demandSame(await read(key(suffix)), `value ${index}`, `${rule}, touched by no write to another`);
      }
      for (const [index, suffix] of OPAQUE_KEYS.entries()) {
        const rule = `The key ${show(suffix)} is a key of its own`;
        demandSame(await read(key(suffix)), `value ${index}`, `${rule}, touched by no deletion of another`);
        await write(key(suffix), undefined);
      }
    },
  },
  {
    title: 'takes names that every object has for absent until they are written',
    async run({ write, read, own }) {
      for (const bare of BARE_KEYS) {
        const before = await read(bare);
        // Somebody else's, in a storage that is shared.
        if (typeof before === 'string') continue;
        demandSame(before, undefined, `The key ${show(bare)} is absent until it is written`);
        own(bare);
        await write(bare, 'value');
        demandSame(await read(bare), 'value', `The key ${show(bare)} keeps a value`);
        await write(bare, undefined);
      }
    },
  },
  {
    title: 'lists whole keys, each once',
    async run({ write, list, prefix, key }) {
      const keys = OPAQUE_KEYS.map((suffix) => key(suffix));
      for (const own of keys) {
        await write(own, 'first');
        await write(own, 'second');
      }
      const listed = await list(prefix);
      for (const own of keys) {
        const times = listed.filter((other) => other === own).length;
        demandSame(times, 1, `keys() lists ${show(own)} once and whole`);
      }
      demand(
        listed.length === keys.length,
        'keys() lists what was written and nothing else',
        `it also listed ${showAll(listed.filter((other) => !keys.includes(other)))}`,
      );
    },
  },
  {
    title: 'lists by prefix, letter for letter',
    async run({ write, list, key }) {
      for (const suffix of SUFFIXES) await write(key(suffix), 'value');
      for (const start of STARTS) {
        const expected = SUFFIXES.filter((suffix) => suffix.startsWith(start)).map((suffix) => key(suffix));
        const listed = await list(key(start));
        demand(
          listed.length === expected.length && expected.every((own) => listed.includes(own)),
          `keys() of a prefix that ends in ${show(start)} lists ${showAll(expected)}`,
          `it listed ${showAll(listed)}`,
        );
      }
    },
  },
  {
    title: 'lists everything for the empty prefix',
    async run({ write, list, key }) {
      const keys = [key('one'), key('two')];
      for (const own of keys) await write(own, 'value');
      const listed = await list('');
      for (const own of keys) demandSame(listed.includes(own), true, `keys('') lists ${show(own)} too`);
    },
  },
  {
    title: 'lists no deleted key',
    async run({ write, list, prefix, key }) {
      await write(key('stays'), 'value');
      await write(key('goes'), 'value');
      await write(key('goes'), undefined);
      const listed = await list(prefix);
      demand(
        listed.length === 1 && listed[0] === key('stays'),
        `keys() lists what is stored now, ${show(key('stays'))}`,
        `it listed ${showAll(listed)}`,
      );
    },
  },
];
