import fc from 'fast-check';

const names = [
  'access_token',
  'refresh_token',
  'issued_at',
  'expires_in',
  'version',
  'revision',
  'session',
  'mark',
  'credentials',
  'json',
  'meta',
  'values',
  'referentialEqualities',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'then',
  'toJSON',
  'length',
];
/** What superjson revives, and where it is told to. */
const types = [
  'Date',
  'bigint',
  'undefined',
  'regexp',
  'set',
  'map',
  'Error',
  'URL',
  'number',
  'symbol',
  'class',
];
const paths = ['credentials.issued_at', '__proto__.polluted', 'constructor.prototype.polluted', 'a.0.b', ''];

const secret = fc.integer({ min: 1e9, max: 9e9 }).map((number) => `secret-${number}`);
const member = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, fc.string());
const leaf = fc.oneof(
  secret,
  fc.string({ unit: 'binary' }).map((text) => text.replace(/\p{Surrogate}/gu, '')),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Number.NaN, -0, Infinity, 8.64e15, '2026-01-01T00:00:00Z', '3599'),
  fc.date({ noInvalidDate: false }),
);

/** Whatever somebody may hand in or have stored: odd members, odd values, prototypes in the way, at any depth. */
export const hostileValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(member, tie('value')), { maxLength: 8 }).map(ownMembers),
    fc.array(fc.tuple(member, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
    fc.array(fc.tuple(member, tie('value')), { maxLength: 4 }).map((entries) => Promise.resolve(entries)),
  ),
})).value;

/** A text where a record should be: of JSON, of an envelope that claims odd things, or of nothing. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc
    .record(
      {
        json: fc.array(fc.tuple(member, fc.oneof(fc.jsonValue(), secret)), { maxLength: 6 }).map(ownMembers),
        meta: fc.record({
          values: fc.dictionary(fc.constantFrom(...paths), fc.tuple(fc.constantFrom(...types)), {
            maxKeys: 3,
          }),
          referentialEqualities: fc.dictionary(
            fc.constantFrom(...paths),
            fc.array(fc.constantFrom(...paths)),
          ),
        }),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.constantFrom(0, 1, 2, 1e9), fc.array(fc.tuple(member, fc.oneof(fc.jsonValue(), secret))))
    .map(([version, entries]) =>
      JSON.stringify({ json: { version, revision: 'r', session: 's', credentials: ownMembers(entries) } }),
    ),
  fc.json(),
  fc.string({ unit: 'binary' }).map((text) => text.replace(/\p{Surrogate}/gu, '')),
  fc.constantFrom(1, 30, 500, 9000).map((depth) => '['.repeat(depth)),
);

/** An object that has `__proto__` as a member of its own, as `JSON.parse` makes it. */
function ownMembers(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

type Mutation = readonly [kind: number, where: number, length: number, insert: string];

/** Ways to damage a text: what is flipped, cut out, doubled or put in, and where. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 40 }),
    fc.oneof(
      fc.constantFrom(
        '.',
        '..',
        'eyJ',
        '{',
        '"__proto__":{"polluted":1},',
        '"',
        '\u0000',
        '\ufeff',
        'null',
        '1e999',
      ),
      fc.string({ maxLength: 5 }),
    ),
  ),
  { minLength: 1, maxLength: 4 },
);

export function mutate(text: string, changes: readonly Mutation[]): string {
  return changes.reduce((current, [kind, where, length, insert]) => {
    const at = Math.floor(where * current.length);
    const [before, after] = [current.slice(0, at), current.slice(at)];
    if (kind === 0) return before + insert + after;
    if (kind === 1) return before + after.slice(length);
    if (kind === 2) return before + after.slice(0, length) + after;
    if (kind === 3) return before;
    return before + String.fromCharCode(after.charCodeAt(0) ^ (1 << (length % 7))) + after.slice(1);
  }, text);
}

/** The secrets in a value or a text, none of which may appear in an error. */
export function secretsIn(value: unknown): string[] {
  const found = new Set<string>();
  const visit = (each: unknown): void => {
    if (typeof each === 'string') for (const [text] of each.matchAll(/secret-\d{10}/g)) found.add(text);
    else if (each instanceof Map || each instanceof Set) [...each].forEach(visit);
    else if (Array.isArray(each)) each.forEach(visit);
    else if (typeof each === 'object' && each !== null)
      for (const { value: inner } of Object.values(Object.getOwnPropertyDescriptors(each))) visit(inner);
  };
  visit(value);
  return [...found];
}
