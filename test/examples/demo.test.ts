import { expect, test } from 'vitest';
import { runNode } from './runNode.js';

test('the demo tells its six steps and ends well within two minutes', { timeout: 120_000 }, async () => {
  const { code, output, errors } = await runNode(['examples/demo.mjs', '--built'], { timeout: 110_000 });
  expect({ code, errors }, output).toEqual({ code: 0, errors: '' });
  const steps = [...output.matchAll(/Step (\d) of 6/g)].map((match) => match[1]);
  expect(steps).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(output).toContain('issued_at is a Date again');
  expect(output.indexOf('fresh')).toBeLessThan(output.indexOf('expiring'));
  expect(output.indexOf('expiring')).toBeLessThan(output.indexOf('refreshed: new tokens'));
});
