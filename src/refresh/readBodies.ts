import { kindOf, membersOf } from '../errors/membersOf.js';

const mostBodies = 3;
const longestBody = 65_536;
const longestWait = 1000;

/**
 * The texts of responses that were thrown or answered before anybody read them: no more than 64 kB of each, and
 * waited for no longer than a second.
 */
export async function readBodies(...roots: readonly unknown[]): Promise<string[]> {
  const candidates = new Set([...roots, ...Array.from(membersOf(...roots), ({ value }) => value)]);
  const unread = [...candidates].filter(isUnread).slice(0, mostBodies);
  return Promise.all(unread.map((response) => readBody(response).catch(() => '')));
}

function isUnread(value: unknown): value is Response & { body: object } {
  try {
    return (
      kindOf(value) === '[object Response]' && !(value as Response).bodyUsed && !!(value as Response).body
    );
  } catch {
    return false;
  }
}

async function readBody(response: Response): Promise<string> {
  // Whoever threw it may want to read it too.
  const reader = response.clone().body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let timer: unknown;
  const wait = new Promise<void>((resolve) => (timer = setTimeout(resolve, longestWait)));
  const read = async (): Promise<void> => {
    while (text.length < longestBody) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
    }
  };
  try {
    await Promise.race([read(), wait]);
  } finally {
    clearTimeout(timer as number);
    reader.cancel().catch(() => {});
  }
  return text;
}
