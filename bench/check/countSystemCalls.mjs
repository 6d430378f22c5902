import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { provideCommand } from '../../test/provideCommand.mjs';
import { withDirectory } from '../support/withDirectory.mjs';

const calls = {
  'fsync and fdatasync': /^f(data)?sync$/,
  rename: /^rename/,
  'files opened': /^openat2?$/,
  'links made': /^link/,
  'files removed': /^unlink/,
  'directories made': /^mkdir/,
};
const writer = fileURLToPath(new URL('writeTimes.mjs', import.meta.url));
const few = 10;
const many = 30;

/**
 * What one durable write asks of the system, in the middle of many: the difference of two runs, so that what a process
 * and a store do at their beginning and end does not count. Only calls that name the directory do, and syncs.
 */
export async function countSystemCalls() {
  if (!(await provideCommand({ names: ['strace'], debianPackage: 'strace' }))) {
    console.log('There is no strace here, so calls of the system are not counted.');
    return {};
  }
  const ofFew = await countCalls(few);
  const ofMany = await countCalls(many);
  const perWrite = (name) => Number(((ofMany[name] - ofFew[name]) / (many - few)).toFixed(2));
  return {
    'system calls': Object.fromEntries(
      Object.keys(calls).map((name) => [`${name}, for one durable write`, perWrite(name)]),
    ),
  };
}

async function countCalls(writes) {
  const counts = Object.fromEntries(Object.keys(calls).map((name) => [name, 0]));
  await withDirectory(async (directory) => {
    const trace = join(directory, 'trace');
    const store = join(directory, 'store');
    const traced =
      'trace=fsync,fdatasync,?rename,renameat,renameat2,?open,openat,?link,linkat,?unlink,unlinkat,?mkdir,mkdirat';
    const parameters = [
      '-f',
      '-qq',
      '-y',
      '-o',
      trace,
      '-e',
      traced,
      process.execPath,
      writer,
      store,
      String(writes),
    ];
    await promisify(execFile)('strace', parameters);
    for (const line of (await readFile(trace, 'utf8')).split('\n')) {
      const [, call] = /^\d+ +(\w+)\(/.exec(line) ?? [];
      if (!call || !line.includes(store)) continue;
      for (const [name, pattern] of Object.entries(calls)) if (pattern.test(call)) counts[name] += 1;
    }
  });
  return counts;
}
