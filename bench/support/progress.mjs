/** Shows how far a long run is: in place on a terminal, by a line every ten seconds in a log. */
export function showProgress(title) {
  let toldAt = performance.now();
  const { isTTY } = process.stderr;
  return (round, rounds) => {
    const now = performance.now();
    if (!isTTY && now - toldAt < 10_000) return;
    toldAt = now;
    const text = `  ${title}: round ${round} of ${rounds}`;
    process.stderr.write(isTTY ? `\r\u001B[2K${round >= rounds ? '' : text}` : `${text}\n`);
  };
}
