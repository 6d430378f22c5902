/**
 * Makes every transaction of the page as durable as asked for, whatever the package that opens it leaves out: what is
 * compared then promises the same. Chromium's default is `relaxed`, which resolves before anything is on disk.
 */
export function forceDurability() {
  let forced;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    return transaction.call(this, stores, mode, forced ? { ...options, durability: forced } : options);
  };
  return (durability) => () => {
    forced = durability;
  };
}
