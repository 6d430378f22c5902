import { digits, format, formatRatio, formatSpread } from './format.mjs';

/** One question in Markdown: where and when it was measured, and each table with its chart and goals. */
export function describeQuestion({ question, measuredAt, machine, versions, tables }) {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = `${machine.processors}, ${machine.memory}, ${machine.system}`;
  const parts = tables.map((table, index) => describeTable(question, table, index));
  return [...parts, `_${measuredAt.slice(0, 10)}; ${where}; ${used.join(', ')}._`].join('\n\n');
}

function describeTable(question, { title, unit, how, rows, goals }, index) {
  const rounds = Math.max(...rows.map((row) => row.rounds));
  const isCount = rounds === 1;
  const lines = rows.map((row) => {
    const name = row.ours ? `**${row.name}**` : row.name;
    const spread = isCount ? '' : ` ${formatSpread(row, unit)} |`;
    return `| ${name} | ${format(row.median, unit)} |${spread} ${isCount ? plainRatio(row) : formatRatio(row.ratio)} |`;
  });
  const header = isCount
    ? '| | figure | times the first |\n| --- | --- | --- |'
    : '| | median | middle half | times the first |\n| --- | --- | --- | --- |';
  const note = isCount ? '' : ` Median of ${rounds} rounds.`;
  const reached = goals.map((goal) => `- ${describeGoal(goal)}`);
  const chart = rows.length < 3 ? '' : chartOf(`${question}-${index + 1}`, title);
  return [
    `**${title}.**${how ? ` ${how}` : ''}${note}`,
    `${header}\n${lines.join('\n')}`,
    chart,
    reached.join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function plainRatio({ ratio }) {
  return ratio ? `${digits(ratio.median)} ×` : '–';
}

/** Every goal in one table, with what was measured. */
export function describeGoals(results) {
  const lines = results.flatMap(({ tables }) =>
    tables.flatMap(({ title, unit, goals }) =>
      goals.map(
        (goal) =>
          `| ${title} | ${goal.text} | ${measuredOf(goal, unit)} | ${goal.reached ? 'yes' : '**no**'} |`,
      ),
    ),
  );
  return ['| | goal | measured | reached |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function describeGoal({ text, of, against, measured, reached }) {
  return `Goal: ${text}. ${reached ? 'Reached' : '**Not reached**'} by ${of}: ${against ? `${digits(measured)} × the time or size of ${against}` : digits(measured)}.`;
}

function measuredOf({ against, measured }, unit) {
  return against ? `${digits(measured)} × ${against}` : format(measured, unit);
}

/** The rows that most ask for: ours beside the first one, from the tables that have a goal. */
export function describeReadme(results) {
  const lines = ['indexedDB', 'localStorage', 'fileWrite', 'observed', 'bytes'].flatMap((question) => {
    const table = results.find((result) => result.question === question)?.tables[0];
    if (!table) return [];
    const own = table.rows.find((row) => row.ours);
    return [
      `| ${table.title} | ${format(own.median, table.unit)} | ${plainRatio(own)} ${table.rows[0].name} |`,
    ];
  });
  return ['| | shelflife | beside |', '| --- | --- | --- |', ...lines].join('\n');
}

function chartOf(name, title) {
  return `<picture><source media="(prefers-color-scheme: dark)" srcset="charts/${name}-dark.svg"><img alt="${title}" src="charts/${name}-light.svg"></picture>`;
}
