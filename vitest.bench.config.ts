import { defineConfig } from 'vitest/config'

/** Measurements: `npx vitest run --config vitest.bench.config.ts test/bench/<area>`. Never part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/bench/**/*.bench.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
})
