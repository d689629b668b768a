const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.test.json', diagnostics: false }] },
  moduleNameMapper: {
    '^#config$': '<rootDir>/src/config.ts',
    '^#(domain|application|infrastructure|interfaces|composition)/(.*)$': '<rootDir>/src/$1/$2.ts',
    '^#migrations/(.*)$': '<rootDir>/migrations/$1.ts',
    '^#test/(.*)$': '<rootDir>/test/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['reflect-metadata'],
};

/** Unit tests need no database; integration tests share one cluster, one template and have one database per file. */
export default {
  workerIdleMemoryLimit: '512MB',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/start-database.js',
      globalTeardown: '<rootDir>/test/support/stop-database.js',
    },
  ],
};
