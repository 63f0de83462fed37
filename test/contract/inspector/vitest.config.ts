/** `npm run inspect`: the MCP Inspector. Apart from `npm test`, since it downloads Node 24 and the Inspector. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/contract/inspector/*.official.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
