import type { StorageBackend } from '../../storage/StorageBackend.js';
import type { ConformanceTest } from './bench.js';
import { demand, show } from './demand.js';

const SCOPES: readonly StorageBackend['scope'][] = ['context', 'process', 'origin', 'host', 'cluster'];

export const memberTests: readonly ConformanceTest[] = [
  {
    title: 'says its name, its scope and whether it is persistent',
    async run({ backend }) {
      demand(
        typeof backend.name === 'string' && backend.name !== '',
        'name is a string that is not empty',
        `it is ${show(backend.name)}`,
      );
      demand(
        SCOPES.includes(backend.scope),
        `scope is one of ${SCOPES.join(', ')}`,
        `it is ${show(backend.scope)}`,
      );
      demand(
        typeof backend.persistent === 'boolean',
        'persistent is a boolean',
        `it is ${show(backend.persistent)}`,
      );
    },
  },
  {
    title: 'has the three methods, and of the others only methods',
    async run({ backend }) {
      for (const method of ['get', 'compareAndSet', 'keys'] as const) {
        demand(
          typeof backend[method] === 'function',
          `${method} is a function`,
          `it is ${typeof backend[method]}`,
        );
      }
      for (const method of ['subscribe', 'lease', 'quarantine', 'close'] as const) {
        const kind = typeof backend[method];
        demand(
          kind === 'function' || kind === 'undefined',
          `${method} is a function or left out`,
          `it is ${kind}`,
        );
      }
    },
  },
];
