import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const dist = fileURLToPath(new URL('dist', import.meta.url))

/**
 * Measurements: `npx vitest run --config vitest.bench.config.ts test/bench/<area>`. Never part of `npm test`.
 *
 * What is measured is the program as it ships: the compiled files, loaded by Node itself as the contenders' are, for what
 * the test runner makes of a source file costs up to twice as much to run.
 */
export default defineConfig({
  resolve: {
    alias: [{ find: /^(?:\.\.\/)+(lib|functions|infra|config)\/(.*)\.ts$/, replacement: `${dist}/$1/$2.js` }],
  },
  test: {
    include: ['test/bench/**/*.bench.ts'],
    globalSetup: ['test/support/build.ts'],
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 600_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
})
