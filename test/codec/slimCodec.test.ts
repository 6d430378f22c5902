import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { slimCodec } from '../../src/codec/slimCodec.js';

const memberName = fc.oneof(
  fc.constantFrom('a.b', '\\', '\\.', 'a\\.b', '..', '', '0', '10', 'access_token', 'issued_at', 'length'),
  fc.string({ maxLength: 8 }),
);
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(null, undefined, -0, NaN, Infinity, -Infinity),
);
const { value: memberValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(memberName, tie('value'), { maxKeys: 4 }).map(withoutPrototypeMembers),
  ),
}));
const record = fc.dictionary(memberName, memberValue, { maxKeys: 6 }).map(withoutPrototypeMembers);

/** What the border drops from credentials, and superjson refuses. */
function withoutPrototypeMembers(value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !/^(__proto__|constructor|prototype)$/.test(name)),
  );
}

/** superjson also notes where equal big integers and NaN stand, which changes nothing in what is read. */
function withoutEqualities(text: string): unknown {
  const parsed = JSON.parse(text) as { json: unknown; meta?: { values?: unknown; v?: number } };
  const { values } = parsed.meta ?? {};
  return { json: parsed.json, ...(values !== undefined && { meta: { values, v: 1 } }) };
}

describe("a codec that writes superjson's format without superjson", () => {
  test('reads what superjson wrote, and superjson reads what it wrote', () => {
    fc.assert(
      fc.property(record, (value) => {
        const theirs = superjson.stringify(value);
        const ours = slimCodec.encode(value);
        expect(slimCodec.decode(theirs)).toStrictEqual(value);
        expect(superjson.parse(ours)).toStrictEqual(value);
        expect(slimCodec.decode(ours)).toStrictEqual(value);
        expect(withoutEqualities(ours)).toEqual(withoutEqualities(theirs));
        expect(JSON.stringify(JSON.parse(ours))).toBe(ours);
      }),
      { numRuns: 3000 },
    );
  });

  test('reads what superjson wrote of shared values, with and without copies of them', () => {
    const shared = { at: new Date(5), list: [1n, { deep: new Date(7) }] };
    const value = { first: shared, 'second.third': { again: shared }, list: [shared, shared.list] };
    const deduping = new superjson({ dedupe: true });
    for (const text of [superjson.stringify(value), deduping.stringify(value)]) {
      expect(slimCodec.decode(text)).toStrictEqual(value);
    }
  });

  test('reads a record that contains itself as superjson does', () => {
    const value: Record<string, unknown> = { name: 'a' };
    value.self = value;
    const read = slimCodec.decode(superjson.stringify(value)) as Record<string, unknown>;
    expect(read.self).toBe(read);
  });

  test('leaves lists, sets, maps and typed arrays lists, with what is in them revived', () => {
    const value = {
      set: new Set([new Date(1), 2n]),
      map: new Map([['a', new Date(2)]]),
      bytes: new Uint8Array([1, 2]),
    };
    expect(slimCodec.decode(superjson.stringify(value))).toStrictEqual({
      set: [new Date(1), 2n],
      map: [['a', new Date(2)]],
      bytes: [1, 2],
    });
  });

  test.each([
    ['a regular expression', superjson.stringify({ value: /x/ })],
    ['an error', superjson.stringify({ value: new Error('x') })],
    ['a class', '{"json":{"a":{}},"meta":{"values":{"a":[["class","A"]]},"v":1}}'],
    ['a type from nowhere', '{"json":{"a":"1"},"meta":{"values":{"a":["toString"]},"v":1}}'],
    ['a path that leads nowhere', '{"json":{"a":"1"},"meta":{"values":{"b.c":["Date"]},"v":1}}'],
    ['a path with an unknown escape', '{"json":{"a":"1"},"meta":{"values":{"\\\\a":["Date"]},"v":1}}'],
    ['a path into a string', '{"json":{"a":"text"},"meta":{"values":{"a.length":["number"]},"v":1}}'],
    ['no JSON', 'plain text'],
    ['null', 'null'],
  ])('refuses %s', (_what, text) => {
    expect(() => slimCodec.decode(text)).toThrow();
  });

  test('paths written before version 1 of the format are read as they were meant', () => {
    const text =
      '{"json":{"a\\\\b":{"c.d":"1970-01-01T00:00:00.005Z"}},"meta":{"values":{"a\\\\b.c\\\\.d":["Date"]}}}';
    expect(slimCodec.decode(text)).toStrictEqual(superjson.parse(text));
    expect(slimCodec.decode(text)).toStrictEqual({ 'a\\b': { 'c.d': new Date(5) } });
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'a path over %s never reaches a prototype',
    (member) => {
      for (const path of [`${member}.polluted`, `a.${member}.polluted`, `a.${member}`, member]) {
        const values = JSON.stringify({
          json: { a: {}, b: 'x' },
          meta: { values: { [path]: ['undefined'] }, v: 1 },
        });
        const equalities = JSON.stringify({
          json: { a: {}, b: 'x' },
          meta: { referentialEqualities: { b: [path], [path]: ['b'] }, v: 1 },
        });
        expect(() => slimCodec.decode(values)).toThrow();
        expect(() => slimCodec.decode(equalities)).toThrow();
      }
      expect(() =>
        slimCodec.encode({ a: { [member === '__proto__' ? 'constructor' : member]: 1 } }),
      ).toThrow();
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  test.each(['constructor', 'prototype'])(
    'a path over a member %s that is there is refused, as superjson refuses it',
    (member) => {
      const text = JSON.stringify({
        json: { a: { [member]: { at: '1970-01-01T00:00:00.000Z' } } },
        meta: { values: { [`a.${member}.at`]: ['Date'] }, v: 1 },
      });
      expect(() => superjson.parse(text)).toThrow();
      expect(() => slimCodec.decode(text)).toThrow();
    },
  );

  test('mutated records reach no prototype and end soon', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(record, fc.nat(), fc.string({ maxLength: 6 }), (value, at, inserted) => {
        const text = superjson.stringify(value);
        const position = at % (text.length + 1);
        const mutated = text.slice(0, position) + inserted + text.slice(position + inserted.length);
        try {
          slimCodec.decode(mutated);
        } catch {
          // What is no record is refused.
        }
        expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(before);
      }),
      { numRuns: 3000 },
    );
  });
});
