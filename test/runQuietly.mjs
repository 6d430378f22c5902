import { spawn } from 'node:child_process';

const heartbeat = 10_000;

/**
 * Runs a command whose output matters only if it fails. Calls `tell` now and then, so that a long step is seen to
 * be alive; rejects with the output's end.
 */
export function runQuietly(command, parameters, { tell = console.log, environment = {}, directory } = {}) {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const child = spawn(command, parameters, {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-8000)));
    }
    const beat = setInterval(() => tell(`still running, ${seconds(started)} s`), heartbeat);

    child.once('error', (error) => {
      clearInterval(beat);
      reject(new Error(`\`${command}\` could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      clearInterval(beat);
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`\`${[command, ...parameters].join(' ')}\` ended with ${signal ?? code}:\n${output}`),
        );
    });
  });
}

function seconds(started) {
  return Math.round((Date.now() - started) / 1000);
}
