// shelflife and what it depends on are ES modules, which Jest can load in its CommonJS mode only when they are transformed.
module.exports = {
  transform: { '\\.[jt]sx?$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }] },
  transformIgnorePatterns: ['/node_modules/(?!(shelflife|superjson|copy-anything|idb-keyval)/)'],
};
