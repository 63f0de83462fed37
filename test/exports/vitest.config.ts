/** `npm run exports`: exports read by programs that others wrote, which are no dependencies of this project. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/exports/*.validators.ts'], testTimeout: 3_600_000 },
})
