import { describe, expect, test } from 'vitest';
import { readmeBlocks } from './readmeBlocks.js';

describe('readmeBlocks', () => {
  test('takes the blocks whose first line names a file, and leaves the others', () => {
    const markdown = [
      '```ts',
      'const fragment = 1;',
      '```',
      '```js',
      '// file: script.mjs',
      'run();',
      '```',
      '```html',
      '<!-- file: index.html -->',
      '<p></p>',
      '```',
    ].join('\n');
    expect(readmeBlocks(markdown)).toEqual([
      { name: 'script.mjs', text: 'run();\n', runs: 'node' },
      { name: 'index.html', text: '<p></p>\n', runs: 'nowhere' },
    ]);
  });

  test.each([
    ['session.ts', 'node'],
    ['app.browser.js', 'browser'],
    ['app.test.ts', 'vitest'],
    ['view.tsx', 'nowhere'],
    ['session.module.js', 'nowhere'],
  ] as const)('runs %s in: %s', (name, runs) => {
    expect(readmeBlocks(`\`\`\`ts\n// file: ${name}\n\`\`\``)).toEqual([{ name, text: '', runs }]);
  });
});
