import { format } from './format.mjs';
import { importPeers } from './peers.mjs';

const themes = {
  light: { text: '#1f2328', line: '#d1d9e0', own: '#0969da', other: '#8c959f' },
  dark: { text: '#f0f6fc', line: '#3d444d', own: '#4493f8', other: '#6e7681' },
};
const width = 760;
const rowHeight = 30;

/** One table as horizontal bars, in SVG. Where the longest is very much longer than the shortest, the axis is logarithmic. */
export async function drawChart({ rows, unit }, theme) {
  const [echarts] = await importPeers('echarts');
  const { text, line, own, other } = themes[theme];
  const medians = rows.map(({ median }) => median);
  const isLogarithmic = Math.min(...medians) > 0 && Math.max(...medians) > 30 * Math.min(...medians);
  const height = rows.length * rowHeight + 50;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'sans-serif', color: text },
    grid: { left: 300, right: 80, top: 10, bottom: 30 },
    xAxis: {
      type: isLogarithmic ? 'log' : 'value',
      splitNumber: 4,
      axisLabel: { color: text, formatter: (figure) => format(figure, unit), hideOverlap: true },
      splitLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLabel: { color: text, width: 285, overflow: 'break' },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        barWidth: 16,
        data: rows.map(({ median, ours }) => ({ value: median, itemStyle: { color: ours ? own : other } })),
        label: { show: true, position: 'right', color: text, formatter: ({ value }) => format(value, unit) },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
