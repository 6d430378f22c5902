// Runs one job on a file backend, as a process of its own: node worker.mjs <job> <directory> [argument…]
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
// Bundled by buildBackend.ts, beside a copy of this file.
import { fileBackend } from './file.mjs';

const [, , job, directory, ...rest] = process.argv;
const backend = fileBackend({ directory });
const say = (line) => process.stdout.write(`${line}\n`);
const report = (error) =>
  say(JSON.stringify({ name: error.name, message: error.message, code: error.cause?.code }));
const hear = (word) =>
  new Promise((resolve) => {
    process.stdin.on('data', (data) => String(data).includes(word) && resolve());
  });

async function increment(key, onAcknowledged) {
  for (;;) {
    const before = await backend.get(key);
    const count = before === undefined ? 0 : JSON.parse(before).count;
    const after = JSON.stringify({
      count: count + 1,
      by: `${process.pid}-${Math.random()}`,
      filler: 'x'.repeat(2000),
    });
    if (await backend.compareAndSet(key, before, after)) return onAcknowledged?.(count + 1);
  }
}

const jobs = {
  /** Increments a counter so many times. */
  async count(key, times) {
    for (let i = 0; i < Number(times); i++) await increment(key);
    await backend.close();
  },
  /** Increments counters until killed, and notes each acknowledged write in a file of its own. */
  async storm(log, keys) {
    say('ready');
    for (let i = 0; ; i++) {
      const key = `counter-${(i + process.pid) % Number(keys)}`;
      await increment(key, (count) => appendFileSync(log, `${key} ${count}\n`));
      if (i % 10 === 0) await (await backend.lease(key, { signal: AbortSignal.timeout(20_000) })).release();
    }
  },
  /** Takes the lease and holds it until told to let go. */
  async hold(key) {
    const lease = await backend.lease(key, { signal: AbortSignal.timeout(120_000) });
    say(`held by ${process.pid}`);
    setInterval(() => undefined, 1000);
    await hear('release');
    await lease.release();
    await backend.close();
    process.exit(0);
  },
  /** Reads a value, takes the lease, and when told to, writes on the value that it read. */
  async stale(key) {
    const before = await backend.get(key);
    const lease = await backend.lease(key, { signal: AbortSignal.timeout(20_000) });
    say('held');
    await hear('write');
    say(`wrote ${await backend.compareAndSet(key, before, 'late')}`);
    await lease.release();
    process.exit(0);
  },
  /** Writes values of two lengths, one after the other, until killed. */
  async write(key) {
    let before = await backend.get(key);
    say('ready');
    for (let i = 0; ; i++) {
      const after = JSON.stringify({ i, filler: 'y'.repeat(i % 2 ? 5000 : 10), end: i });
      await backend.compareAndSet(key, before, after);
      before = after;
    }
  },
  /** Sets a value where there is none, and says how it went. */
  async set(key, value, umask) {
    if (umask !== undefined) process.umask(Number.parseInt(umask, 8));
    await backend.compareAndSet(key, undefined, value).then((done) => say(`set ${done}`), report);
  },
  /** Replaces a value by another, and says how it went and what is stored then. */
  async replace(key, before, after) {
    await backend.compareAndSet(key, before, after).then((done) => say(`set ${done}`), report);
    say(`stored ${await backend.get(key)}`);
  },
  /** Deletes a value, and says how it went and what is stored then. */
  async remove(key, before) {
    await backend.compareAndSet(key, before, undefined).then((done) => say(`set ${done}`), report);
    say(`stored ${await backend.get(key)}`);
    await backend.close();
  },
  /** Sets the value aside as damaged. */
  async setAside(key) {
    await backend.quarantine(key).then(() => say('set aside'), report);
    await backend.close();
  },
  /** Takes the lease and gives it back. */
  async borrow(key) {
    await (await backend.lease(key, { signal: AbortSignal.timeout(20_000) })).release();
    say('gave back');
  },
  /** Sets so many values at the same time, and reads them. */
  async parallel(count) {
    const numbers = Array.from({ length: Number(count) }, (_, i) => i);
    const writes = numbers.map((i) => backend.compareAndSet(`key ${i}`, undefined, `value ${i}`));
    const results = await Promise.allSettled(writes);
    results.flatMap(({ reason }) => (reason ? [reason] : [])).forEach(report);
    const reads = await Promise.all(numbers.map((i) => backend.get(`key ${i}`)));
    say(`written ${reads.filter((value, i) => value === `value ${i}`).length} of ${count}`);
    await backend.close();
  },
  /** Sets a value where there is none, and then only lives. */
  async linger(key, value) {
    setInterval(() => undefined, 1000);
    await backend.compareAndSet(key, undefined, value).then((done) => say(`set ${done}`), report);
  },
  /** Lists the keys, and writes meanwhile. */
  async list() {
    const work = [backend.keys(''), backend.compareAndSet('meanwhile', undefined, 'v')];
    await Promise.all(work).then(([keys, done]) => say(`${keys.length} keys, set ${done}`), report);
  },
  /** Takes leases, each in a directory of its own, and says after how long it sent the refresh token; then holds them. */
  async send(milliseconds, ...keys) {
    setInterval(() => undefined, 1000);
    const take = async (key) => {
      const place = fileBackend({ directory: join(directory, key) });
      const since = performance.now();
      try {
        await place.lease(key, { signal: AbortSignal.timeout(Number(milliseconds)) });
        if ((await place.get(key)) !== undefined) return;
        say(`${process.pid} sent ${key} ${Math.round(performance.now() - since)}`);
      } catch (error) {
        say(`${process.pid} waited ${key} ${error.name}`);
      }
    };
    await Promise.all(keys.map(take));
    say('done');
  },
  /** Subscribes, and ends by having nothing more to do. */
  async observe() {
    backend.subscribe(() => undefined);
    await sleep(100);
    say('observing');
  },
  /** Takes the lease, and ends by having nothing more to do. */
  async leave(key) {
    await backend.lease(key, { signal: AbortSignal.timeout(20_000) });
    say('observing');
  },
  /** Subscribes, and says each hint until killed. */
  async watch() {
    backend.subscribe((key) => say(`hint ${key}`));
    setInterval(() => undefined, 1000);
    say('ready');
  },
};

await jobs[job](...rest);
