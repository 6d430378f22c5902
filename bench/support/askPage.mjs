import { keep } from '../compare.mjs';
import { openBrowser } from './openPage.mjs';
import { either, roundsOf } from './options.mjs';
import { usePeers } from './peers.mjs';
import { showProgress } from './progress.mjs';

/** Asks the questions of one module of `bench/pages`, each of them in a page of its own. */
export async function askPage(module, peers, questions) {
  const browser = await openBrowser(module);
  usePeers(...peers);
  try {
    for (const { question, title, how, rounds, operations, goals } of questions) {
      const page = await browser.openPage();
      const progress = showProgress(title);
      await page.exposeFunction('tell', (_question, round, of) => progress(round, of));
      const asked = { rounds: roundsOf(rounds), operations: either(operations, Math.ceil(operations / 5)) };
      const measured = await page.evaluate(
        ([name, options]) => globalThis.measure(name, options),
        [question, asked],
      );
      keep({ title, unit: 'µs', how, goals, ...measured });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
