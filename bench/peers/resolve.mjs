/** Where a package is, seen from this folder. */
export function resolve(specifier) {
  return import.meta.resolve(specifier);
}
