import type { Clock } from './Clock.js';
import { holdTimer } from '../async/holdTimer.js';
import { DeadlineHeap, type HeapNode } from './DeadlineHeap.js';
import { listenToWake } from './listenToWake.js';

/** What is done with what the scheduler looks after. */
export interface Tasks<Node> {
  /** Its deadline has passed, or time has jumped: it looks at the clock and schedules itself again. */
  tick(node: Node): void;
  /** The host may have slept: what is stored may have changed as well. */
  wake(node: Node, isOnline: boolean): void;
  /** The wall clock was set back by so many milliseconds: waits counted on it are to be shortened by as much. */
  shortenWait(node: Node, milliseconds: number): void;
}

/**
 * The longest wait of the timer, in milliseconds. It bounds how late a transition is after a sleep that no event
 * tells of, and keeps every delay far below the 2^31-1 above which hosts fire at once.
 */
const slice = 60_000;

/** How far the wall clock may lag behind a timer before it counts as set back, in milliseconds. */
const tolerance = 1000;

/** How long one turn may take before it lets others run, in milliseconds: 100,000 deadlines may pass at once. */
const longestTurn = 2;

/** Nodes that are to be visited one after the other, in as many turns as that takes. */
interface Round<Node> {
  readonly nodes: IterableIterator<Node>;
  readonly visit: (node: Node) => void;
}

/**
 * One timer for any number of deadlines by the wall clock. Armed, and listening to the environment, only while
 * something is watched; no longer armed once nothing has lain ahead for a slice of time: then the host's events have
 * to do.
 */
export class Scheduler<Node extends HeapNode> {
  readonly #clock: Clock;
  readonly #tasks: Tasks<Node>;
  readonly #heap = new DeadlineHeap<Node>();
  readonly #watched = new Set<Node>();
  #holders = 0;
  #handle: unknown;
  /** When the armed timer fires, by the wall clock; Infinity: none is armed. */
  #firesAt = Infinity;
  /** The wall clock when it was last looked at, and how far it was found set back since the timer last fired. */
  #lastSeen = -Infinity;
  #setBackBy = 0;
  /** Whether nothing lay ahead when the timer fired. */
  #isIdle = false;
  #stopListening: (() => void) | undefined;
  #isInTurn = false;
  /** What is to be done with all that is watched. */
  readonly #rounds: Round<Node>[] = [];

  constructor(clock: Clock, tasks: Tasks<Node>) {
    this.#clock = clock;
    this.#tasks = tasks;
  }

  /** What is looked after. */
  get watched(): ReadonlySet<Node> {
    return this.#watched;
  }

  /** Looks after something until `unwatch`. */
  watch(node: Node): void {
    this.#watched.add(node);
    this.#isIdle = false;
    this.#stopListening ??= listenToWake((isOnline) => {
      this.#visitAll((watched) => this.#tasks.wake(watched, isOnline));
      this.#takeTurn();
    });
    this.#arm();
  }

  unwatch(node: Node): void {
    this.#watched.delete(node);
    this.#heap.place(node, Infinity);
    if (this.#watched.size) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#arm();
  }

  /** Sets the one deadline of what is watched; `Infinity` for none. */
  schedule(node: Node, dueAt: number): void {
    if (!this.#watched.has(node)) return;
    this.#heap.place(node, dueAt);
    this.#arm();
  }

  /** Keeps a Node process alive until the returned function is called. */
  hold(): () => void {
    this.#holders += 1;
    this.#arm();
    this.#keepAlive();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holders -= 1;
      this.#arm();
      this.#keepAlive();
    };
  }

  /** Arms the timer for what is next, `pause` milliseconds from now at the least. */
  #arm(pause = 0): void {
    // It is armed at the end of the turn.
    if (this.#isInTurn) return;
    const isBehind = this.#rounds.length > 0;
    const isNeeded = this.#watched.size && !(this.#isIdle && !this.#heap.first && !isBehind);
    if (!isNeeded && !this.#holders) return this.#disarm();
    const now = this.#clock.now();
    if (this.#lastSeen - now > tolerance) this.#setBackBy += this.#lastSeen - now;
    this.#lastSeen = now;
    const wait = this.#setBackBy || isBehind ? 0 : (this.#heap.first?.dueAt ?? Infinity) - now;
    const delay = Math.ceil(Math.min(Math.max(wait, pause), slice));
    if (now + delay >= this.#firesAt && this.#firesAt >= now) return;
    this.#disarm();
    this.#firesAt = now + delay;
    this.#handle = this.#clock.setTimeout(() => this.#fire(), delay);
    this.#keepAlive();
  }

  #disarm(): void {
    if (this.#firesAt !== Infinity) this.#clock.clearTimeout(this.#handle);
    this.#firesAt = Infinity;
    this.#handle = undefined;
  }

  #keepAlive(): void {
    holdTimer(this.#handle, this.#holders > 0);
  }

  #fire(): void {
    const started = this.#clock.now();
    const setBackBy = Math.max(this.#setBackBy, this.#firesAt - started);
    this.#firesAt = Infinity;
    this.#isIdle = !this.#heap.first;
    this.#setBackBy = 0;
    this.#lastSeen = started;
    if (setBackBy > tolerance) {
      this.#visitAll((node) => {
        this.#tasks.shortenWait(node, setBackBy);
        this.#tasks.tick(node);
      });
    }
    this.#takeTurn();
  }

  #visitAll(visit: (node: Node) => void): void {
    this.#rounds.push({ nodes: [...this.#watched].values(), visit });
  }

  /** Does what is to be done, for as long as a turn may take. Where that is not all, others get as much time. */
  #takeTurn(): void {
    if (this.#isInTurn) return;
    const started = this.#clock.now();
    let isDone = false;
    this.#isInTurn = true;
    try {
      while (!isDone && this.#clock.now() - started <= longestTurn) isDone = !this.#doNext();
    } finally {
      this.#isInTurn = false;
      this.#arm(isDone ? 0 : longestTurn);
    }
  }

  /** Visits the next node of a round, or the first whose deadline has passed; whether there was one. */
  #doNext(): boolean {
    const [round] = this.#rounds;
    if (round) {
      const { done, value: watched } = round.nodes.next();
      if (done) this.#rounds.shift();
      else if (this.#watched.has(watched)) round.visit(watched);
      return true;
    }
    const node = this.#heap.first;
    if (!node || node.dueAt > this.#clock.now()) return false;
    this.#heap.place(node, Infinity);
    this.#tasks.tick(node);
    return true;
  }
}
