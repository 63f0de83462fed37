/** `npm run matrix`: the whole scanner matrix. Apart from `npm test`, which runs a slice of it, since it takes minutes. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/matrix/*.matrix.ts'], testTimeout: 3_600_000 },
})
