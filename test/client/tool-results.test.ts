/** The client's types derive from the tools' own schemas; what no type says is that every tool has a method. */
import { expect, expectTypeOf, it } from 'vitest'
import { tools } from '../../functions/index.ts'
import { NessusClient } from '../../lib/client/nessus-client.ts'
import type { NativeScan, QueryAnswer, ScanDeleted } from '../../lib/client/tool-results.ts'

it('a result is typed by the output schema of its tool', () => {
  expectTypeOf<ScanDeleted['deleted']>().toEqualTypeOf<boolean>()
  expectTypeOf<NativeScan['size_bytes']>().toEqualTypeOf<number>()
  expectTypeOf<QueryAnswer['columns']>().toEqualTypeOf<string[]>()
})

it.each(tools.map(({ name }) => name))('%s has a method of its own', (name) => {
  const method = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  expect(NessusClient.prototype, 'npm run docs writes lib/client/generated').toHaveProperty(method)
})
