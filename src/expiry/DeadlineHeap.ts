/** What waits in the heap: it knows its place, so that it can be moved or removed without a search. */
export interface HeapNode {
  /** Milliseconds since the epoch. */
  dueAt: number;
  /** The place in the heap; -1: not in it. */
  heapIndex: number;
}

/** A binary heap of wall-clock deadlines, the earliest on top. Moving or removing a node costs O(log n). */
export class DeadlineHeap<Node extends HeapNode> {
  readonly #nodes: Node[] = [];

  get first(): Node | undefined {
    return this.#nodes[0];
  }

  /** Puts a node where its deadline belongs; one due at `Infinity` is taken out. */
  place(node: Node, dueAt: number): void {
    node.dueAt = dueAt;
    if (dueAt === Infinity) return this.#remove(node);
    if (node.heapIndex < 0) node.heapIndex = this.#nodes.push(node) - 1;
    this.#settle(node);
  }

  #remove(node: Node): void {
    if (node.heapIndex < 0) return;
    const last = this.#nodes.pop()!;
    if (last !== node) {
      this.#put(last, node.heapIndex);
      this.#settle(last);
    }
    node.heapIndex = -1;
  }

  #put(node: Node, index: number): void {
    this.#nodes[index] = node;
    node.heapIndex = index;
  }

  #settle(node: Node): void {
    const nodes = this.#nodes;
    let index = node.heapIndex;
    for (
      let parent: number;
      index > 0 && nodes[(parent = (index - 1) >> 1)]!.dueAt > node.dueAt;
      index = parent
    ) {
      this.#put(nodes[parent]!, index);
    }
    for (;;) {
      let child = 2 * index + 1;
      if (child >= nodes.length) break;
      if (child + 1 < nodes.length && nodes[child + 1]!.dueAt < nodes[child]!.dueAt) child += 1;
      if (nodes[child]!.dueAt >= node.dueAt) break;
      this.#put(nodes[child]!, index);
      index = child;
    }
    this.#put(node, index);
  }
}
