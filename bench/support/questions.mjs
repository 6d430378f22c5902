/** In the order of the report. */
export const questions = [
  'indexedDB',
  'localStorage',
  'fileWrite',
  'storedKeys',
  'inFlight',
  'processes',
  'observed',
  'expireAtOnce',
  'tabs',
  'encrypted',
  'redisUpdates',
  'importCold',
  'bytes',
  'codec',
  'accessToken',
];
