/** What a backend does with what is stored. Whether that works is its health. */
export type Access = 'read' | 'write' | 'list its keys';
/** What it does besides, which says nothing of its health. */
export type Service =
  'set a damaged record aside' | 'grant a lease' | 'release a lease' | 'subscribe' | 'unsubscribe' | 'close';
