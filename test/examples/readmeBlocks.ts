/** A fenced block of a document that is a file: its first line is a comment `file: name`. */
export interface ReadmeBlock {
  readonly name: string;
  readonly text: string;
  readonly runs: 'node' | 'browser' | 'vitest' | 'nowhere';
}

const fence = /^```(?:js|ts|tsx|html)[^\n]*\n(?:\/\/|<!--) file: ([\w.-]+)(?: -->)?\n([\s\S]*?)^```$/gm;

export function readmeBlocks(markdown: string): ReadmeBlock[] {
  return [...markdown.matchAll(fence)].map((match) => {
    const [, name = '', text = ''] = match;
    return { name, text, runs: placeOf(name) };
  });
}

function placeOf(name: string): ReadmeBlock['runs'] {
  if (/\.(?:html|tsx|module\.[jt]s)$/.test(name)) return 'nowhere';
  if (name.includes('.browser.')) return 'browser';
  if (name.includes('.test.')) return 'vitest';
  return 'node';
}
