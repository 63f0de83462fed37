/** `npm run drills`: what is lost is lost on purpose, and mended as docs/recovery.md says. Apart from `npm test`, since it takes minutes. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/drills/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
})
