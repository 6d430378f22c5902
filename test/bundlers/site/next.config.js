// The lock file that Next.js would take for its root's is the package's own.
export default { turbopack: { root: new URL('../../../', import.meta.url).pathname } };
