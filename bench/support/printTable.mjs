import { digits, format, formatRatio, formatSpread } from './format.mjs';

export function printTable({ title, unit, rows, goals }) {
  console.log(`\n${title}`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const row of rows) {
    const median = format(row.median, unit).padStart(10);
    console.log(
      `  ${row.name.padEnd(width)}  ${median}  ${formatRatio(row.ratio)}   [${formatSpread(row, unit)}]`,
    );
  }
  for (const { text, measured, reached } of goals) {
    console.log(`  ${reached ? 'reached' : 'NOT REACHED'}: ${text} (measured ${digits(measured)})`);
  }
}
