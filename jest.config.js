const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.test.json', diagnostics: false }] },
  moduleNameMapper: {
    '^#config$': '<rootDir>/src/config.ts',
    '^#(domain|application|infrastructure|interfaces|composition)/(.*)$': '<rootDir>/src/$1/$2.ts',
    '^#migrations/(.*)$': '<rootDir>/migrations/$1.ts',
    '^#test/(.*)$': '<rootDir>/test/$1.ts',
    '^#page/(.*)$': '<rootDir>/page/src/$1',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['reflect-metadata'],
};

/** Unit tests need no database; integration tests share one cluster, one template and have one database per file. */
export default {
  // A durable database on a slow disk takes its time; a test that hangs is told apart from it soon enough.
  testTimeout: 30_000,
  workerIdleMemoryLimit: '512MB',
  // One fewer than cores is Jest's default, which leaves half of a small machine idle.
  maxWorkers: '100%',
  testSequencer: './test/support/longest-first.js',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/page/test/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/start-database.js',
      globalTeardown: '<rootDir>/test/support/stop-database.js',
    },
  ],
};
