/**
 * Answers token requests in the order they came. Two refreshes with one token would otherwise race inside the
 * server itself, and reuse would be detected on some runs only.
 */
export function oneTokenRequestAtATime(provider) {
  let last = Promise.resolve();

  provider.use((context, next) => {
    if (context.path !== '/token') return next();
    const answered = last.then(next);
    last = answered.catch(() => {});
    return answered;
  });
}
