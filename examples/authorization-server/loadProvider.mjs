/**
 * Loads oidc-provider without its one remark at import: it is supported from Node 22 on, works on Node 20, and
 * says so on the console of everybody who runs an example.
 */
export async function loadProvider() {
  const { warn } = console;
  console.warn = (...parts) => {
    if (!String(parts[0]).includes('Unsupported runtime')) warn.apply(console, parts);
  };
  try {
    return (await import('oidc-provider')).Provider;
  } finally {
    console.warn = warn;
  }
}
