/** `npm run conformance`: the official MCP suite. Apart from `npm test`, since it downloads Node 24 and the suite. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/conformance/*.official.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
