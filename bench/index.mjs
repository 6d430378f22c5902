/** `npm run bench`: every question, one after the other. Each file can be run by itself as well. */
const questions = ['codec', 'accessToken', 'fileWrite', 'encrypted', 'parallelUpdates', 'watchedEntries'];

for (const question of questions) await import(`./${question}.mjs`);
