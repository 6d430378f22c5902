/** `npm run bench:report`: from `bench/results` into docs/performance.md, its charts, and the README's table. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { format as prettify, resolveConfig } from 'prettier';
import { fileURLToPath } from 'node:url';
import { drawChart } from './support/drawChart.mjs';
import { installPeers } from './support/peers.mjs';
import { questions } from './support/questions.mjs';
import { replaceBetween } from './support/replaceBetween.mjs';
import { describeGoals, describeQuestion, describeReadme } from './support/describeResults.mjs';

const root = new URL('../', import.meta.url);
const charts = new URL('docs/charts/', root);
await installPeers();

const results = await readResults();
await drawCharts();
await fillPerformance();
await fillReadme();

async function readResults() {
  const found = [];
  for (const question of questions) {
    const text = await readFile(new URL(`bench/results/${question}.json`, root), 'utf8').catch(
      () => undefined,
    );
    if (text) found.push(JSON.parse(text));
    else console.log(`${question}: no result yet, so its part is left out`);
  }
  return found;
}

async function drawCharts() {
  await rm(charts, { recursive: true, force: true });
  await mkdir(charts, { recursive: true });
  for (const { question, tables } of results) {
    for (const [index, table] of tables.entries()) {
      if (table.rows.length < 3) continue;
      for (const theme of ['light', 'dark']) {
        const name = `${question}-${index + 1}-${theme}.svg`;
        await writeFile(new URL(name, charts), await drawChart(table, theme));
      }
    }
  }
}

async function fillPerformance() {
  await rewrite('docs/performance.md', (text) => {
    let filled = replaceBetween(text, 'goals', describeGoals(results)) ?? text;
    for (const question of questions) {
      const result = results.find((each) => each.question === question);
      const told = result ? describeQuestion(result) : 'Not measured yet.';
      filled = replaceBetween(filled, question, told) ?? filled;
    }
    return filled;
  });
}

async function fillReadme() {
  await rewrite('README.md', (text) => {
    const filled = replaceBetween(text, 'performance', describeReadme(results));
    if (filled === undefined)
      console.log('README.md has no markers <!-- performance -->, so it is left alone');
    return filled ?? text;
  });
}

async function rewrite(path, change) {
  const url = new URL(path, root);
  const before = await readFile(url, 'utf8');
  const changed = change(before);
  if (changed === before) return;
  const options = await resolveConfig(fileURLToPath(url));
  await writeFile(url, await prettify(changed, { ...options, parser: 'markdown' }));
  console.log(`${path} is filled`);
}
