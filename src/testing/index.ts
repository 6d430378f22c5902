export { fakeClock } from './fakeClock.js';
export { testBackend } from './testBackend.js';

export type { FakeClock } from './fakeClock.js';
export type { TestBackendOptions } from './testBackend.js';
