import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { usedPeers } from './peers.mjs';
import { isQuick, question } from './options.mjs';

const results = new URL('../results/', import.meta.url);
const tables = [];
const versions = { node: process.versions.node };

/** Keeps a table in `bench/results/<question>.json`, with versions and machine; a trial keeps nothing. */
export function recordTable(table) {
  tables.push(table);
  if (isQuick) return;
  mkdirSync(results, { recursive: true });
  const result = {
    question,
    measuredAt: new Date().toISOString(),
    machine: describeMachine(),
    versions: { shelflife: ownVersion(), ...versions, ...usedPeers() },
    tables,
  };
  writeFileSync(new URL(`${question}.json`, results), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The version of something that is no npm package: a browser, a server. */
export function recordVersion(name, version) {
  versions[name] = version;
}

function describeMachine() {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${process.platform} ${release().split('-')[0]} ${process.arch}`,
  };
}

function ownVersion() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  try {
    return `${version} (${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()})`;
  } catch {
    return version;
  }
}
