const scales = {
  µs: [
    ['s', 1e6],
    ['ms', 1000],
    ['µs', 1],
    ['ns', 0.001],
  ],
  bytes: [
    ['MB', 1e6],
    ['kB', 1000],
    ['B', 1],
  ],
};

/** A figure with its unit, in three digits that count. */
export function format(figure, unit) {
  const known = scales[unit];
  if (!known) return `${digits(figure)}${unit ? ` ${unit}` : ''}`;
  const [name, size] = known.find(([, least]) => Math.abs(figure) >= least) ?? known.at(-1);
  return `${digits(figure / size)} ${name}`;
}

export function digits(figure) {
  if (figure === 0) return '0';
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString('en-US');
  if (Math.abs(figure) < 0.0005) return figure.toPrecision(2);
  return String(Number(figure.toPrecision(3)));
}

export function formatSpread({ low, high }, unit) {
  return `${format(low, unit)} – ${format(high, unit)}`;
}

/** How often a row is the first one's; the first has no ratio, and none has one where it is 0. */
export function formatRatio(ratio) {
  return ratio ? `${digits(ratio.median)} × (${digits(ratio.low)} – ${digits(ratio.high)})` : '–';
}
