/**
 * `npm run bench`: every question, one after the other, each in a process of its own; then the report. A question can
 * be asked by itself as well: `node bench/<question>.mjs`. `--quick` tries all of them and keeps nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installPeers } from './support/peers.mjs';
import { questions } from './support/questions.mjs';

await installPeers();
const asked = [...questions, ...(process.argv.includes('--quick') ? [] : ['report'])];
for (const [index, question] of asked.entries()) {
  console.log(`\n=== ${question} (${index + 1} of ${asked.length})`);
  const script = fileURLToPath(new URL(`${question}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  // The others are still worth an answer.
  if (code !== 0) {
    console.error(`${question} failed.`);
    process.exitCode = 1;
  }
}
