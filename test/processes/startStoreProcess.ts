import { fork } from 'node:child_process';
import { afterAll } from 'vitest';
import { buildStore } from './buildStore.js';

const running = new Set<() => void>();

afterAll(() => {
  for (const kill of running) kill();
});

/** What a process told of itself. */
export interface ProcessEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  readonly token?: string;
  readonly status?: string;
  readonly number?: number;
  readonly message?: string;
  readonly error?: Failure;
}

/** An error as another process tells of it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** A store in a process of its own. */
export interface StoreProcess {
  readonly pid: number;
  readonly events: readonly ProcessEvent[];
  /** Calls one of its commands. Rejects with a `Failure`, and when the process ends. */
  call<T = unknown>(command: string, ...args: unknown[]): Promise<T>;
  /** How a call fails; `undefined` where it does not. */
  failureOf(command: string, ...args: unknown[]): Promise<Failure | undefined>;
  /** Resolves with the first such event, also one that was told before. */
  told(event: string, matches?: (event: ProcessEvent) => boolean): Promise<ProcessEvent>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

export interface StoreProcessOptions {
  readonly directory: string;
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  readonly timeout?: number;
  readonly refreshTimeout?: number;
}

type Message = Partial<ProcessEvent> & { readonly id?: number; readonly result?: unknown };
type Call = { readonly resolve: (result: never) => void; readonly reject: (failure: Failure) => void };

/** Starts a store in a process of its own; it is ready for commands. */
export async function startStoreProcess(options: StoreProcessOptions): Promise<StoreProcess> {
  const child = fork(await buildStore(), [JSON.stringify(options)], {
    execArgv: [],
    serialization: 'advanced',
  });
  const events: ProcessEvent[] = [];
  const calls = new Map<number, Call>();
  const listeners = new Set<() => void>();
  let lastId = 0;
  let isOver = false;
  const wake = () => {
    for (const listener of listeners) listener();
  };
  child.on('message', (message) => {
    const { id, result, error, ...rest } = message as Message;
    if (id === undefined) events.push({ ...rest, ...(error && { error }) } as ProcessEvent);
    else if (error) calls.get(id)?.reject(error);
    else calls.get(id)?.resolve(result as never);
    if (id !== undefined) calls.delete(id);
    wake();
  });
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      isOver = true;
      for (const { reject: refuse } of calls.values())
        refuse({ name: 'ProcessEnded', message: `The process ended with ${signal ?? code}.` });
      running.delete(kill);
      wake();
      resolve(signal ?? code);
    });
  });
  const kill = () => void child.kill('SIGKILL');
  running.add(kill);

  const call = <T>(command: string, ...args: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      if (isOver) return reject(new Error(`"${command}" was asked of a process that has ended.`));
      const id = ++lastId;
      calls.set(id, { resolve, reject });
      child.send({ id, command, args }, (error) => error && reject(error));
    });
  const told = (event: string, matches: (event: ProcessEvent) => boolean = () => true) =>
    new Promise<ProcessEvent>((resolve, reject) => {
      const look = () => {
        const found = events.find((each) => each.event === event && matches(each));
        if (!found && !isOver) return;
        listeners.delete(look);
        if (found) resolve(found);
        else reject(new Error(`The process ended without telling "${event}".`));
      };
      listeners.add(look);
      look();
    });
  await told('ready');
  return {
    pid: child.pid ?? 0,
    events,
    call,
    failureOf: (command, ...args) =>
      call(command, ...args).then(
        () => undefined,
        (failure: Failure) => failure,
      ),
    told,
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
