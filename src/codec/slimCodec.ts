import type { Codec } from './Codec.js';
import { escapeMember, parsePath, requireSafe } from './superjsonPaths.js';

/** How superjson tells what a JSON value stood for: a type, below which there may be more, or members with types below them. */
type Annotations = readonly [type: unknown, members?: Members] | Members;
interface Members {
  readonly [path: string]: Annotations;
}
interface Written {
  readonly json: unknown;
  readonly annotations?: Annotations | undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The JSON value and the annotation of what JSON can't say. */
function writeScalar(value: unknown): Written {
  if (value === undefined) return { json: null, annotations: ['undefined'] };
  if (typeof value === 'bigint') return { json: String(value), annotations: ['bigint'] };
  if (value instanceof Date) return { json: value.toISOString(), annotations: ['Date'] };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { json: Object.is(value, -0) ? '-0' : String(value), annotations: ['number'] };
  return { json: value };
}

function write(value: unknown): Written {
  if (!isObject(value) || value instanceof Date) return writeScalar(value);
  const json: Record<string, unknown> = Array.isArray(value) ? ([] as never) : {};
  const found: Record<string, Annotations> = {};
  for (const [name, member] of Object.entries(value)) {
    requireSafe([name]);
    const written = write(member);
    json[name] = written.json;
    const path = escapeMember(name);
    if (Array.isArray(written.annotations)) found[path] = written.annotations;
    else if (written.annotations)
      for (const [below, type] of Object.entries(written.annotations as Members))
        found[`${path}.${below}`] = type;
  }
  return Object.keys(found).length ? { json, annotations: found } : { json };
}

/** What a JSON value of a type stood for. Sets, maps and typed arrays stay lists, as they are in credentials. */
function revive(value: unknown, type: unknown): unknown {
  if (type === 'undefined') return undefined;
  if (type === 'bigint') return BigInt(value as string);
  if (type === 'Date') return new Date(value as string);
  if (type === 'number') return Number(value);
  const isList = type === 'set' || type === 'map' || (Array.isArray(type) && type[0] === 'typed-array');
  if (isList && Array.isArray(value)) return value;
  throw new Error('A type that credentials do not hold.');
}

/** The object that holds the last member of a path. Only what it has itself is followed, never a prototype. */
function holderOf(root: unknown, path: readonly string[]): Record<string, unknown> {
  let holder = root;
  path.forEach((member, index) => {
    if (!isObject(holder) || !Object.hasOwn(holder, member)) throw new Error('A path that leads nowhere.');
    if (index < path.length - 1) holder = holder[member];
  });
  return holder as Record<string, unknown>;
}

function applyAnnotations(
  root: { value: unknown },
  annotations: unknown,
  version: number,
  path: readonly string[] = ['value'],
): void {
  if (!isObject(annotations)) return;
  const [type, members] = (Array.isArray(annotations) ? annotations : [undefined, annotations]) as unknown[];
  for (const [below, member] of Object.entries(members ?? {}))
    applyAnnotations(root, member, version, [...path, ...parsePath(below, version)]);
  if (!Array.isArray(annotations)) return;
  const holder = holderOf(root, path);
  const last = path.at(-1)!;
  holder[last] = revive(holder[last], type);
}

/** Puts what superjson left out, since it stands elsewhere too, into its places. */
function applyEqualities(root: { value: unknown }, equalities: unknown, version: number): void {
  const [ofRoot, others] = (Array.isArray(equalities) ? equalities : [[], equalities]) as [string[], unknown];
  const groups = [...Object.entries((others ?? {}) as Record<string, string[]>)];
  const share = (value: unknown, paths: readonly string[]): void => {
    for (const each of paths) {
      const path = ['value', ...parsePath(each, version)];
      holderOf(root, path)[path.at(-1)!] = value;
    }
  };
  share(root.value, ofRoot);
  for (const [representative, paths] of groups) {
    const path = ['value', ...parsePath(representative, version)];
    share(holderOf(root, path)[path.at(-1)!], paths);
  }
}

/**
 * Reads and writes superjson's format for what credentials can hold: what JSON can say, dates, big integers,
 * `undefined`, and numbers that JSON lacks. Other types in a text are refused; a path in it never reaches a prototype.
 */
export const slimCodec: Codec = {
  encode(record) {
    const { json, annotations } = write(record);
    return JSON.stringify({ json, ...(annotations && { meta: { values: annotations, v: 1 } }) });
  },

  decode(text) {
    const { json, meta } = JSON.parse(text) as {
      json: unknown;
      meta?: { values?: unknown; referentialEqualities?: unknown; v?: number };
    };
    const root = { value: json };
    applyAnnotations(root, meta?.values, meta?.v ?? 0);
    if (meta?.referentialEqualities) applyEqualities(root, meta.referentialEqualities, meta.v ?? 0);
    return root.value;
  },
};
