/**
 * Answers token requests in the order they came. Two refreshes with one token would otherwise race inside the
 * server itself, and reuse would be detected on some runs only.
 */
export function oneTokenRequestAtATime(provider) {
  let last = Promise.resolve();

  provider.use(async (context, next) => {
    if (context.path !== '/token') {
      await next();
      return;
    }
    const earlier = last;
    let finish;
    last = new Promise((resolve) => (finish = resolve));
    await earlier;
    try {
      await next();
    } finally {
      finish();
    }
  });
}
