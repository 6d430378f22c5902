/**
 * Tells when the page is hidden for good or put into the back/forward cache (`pagehide`) or frozen (`freeze`, in
 * Chromium), and when it is shown again (`pageshow`) or goes on (`resume`). Never `visibilitychange`: a tab in the
 * background goes on working.
 */
export function onPageTransition(hidden: () => void, shown: () => void): () => void {
  const listening = new AbortController();
  // Workers never hear of either; Node has no such events at all.
  globalThis.addEventListener?.('pagehide', hidden, listening);
  globalThis.addEventListener?.('pageshow', shown, listening);
  const { document } = globalThis as { readonly document?: EventTarget };
  document?.addEventListener?.('freeze', hidden, listening);
  document?.addEventListener?.('resume', shown, listening);
  return () => listening.abort();
}
