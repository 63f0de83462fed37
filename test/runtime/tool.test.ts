/** A tool's promises are types: what it answers is held against its output schema where it is declared. */
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { NATURES } from '../../lib/runtime/nature.ts'
import { tool, type ReplyOf } from '../../lib/runtime/tool.ts'

const output = v.object({ count: v.number() })

test('a reply that contradicts the output schema does not compile', () => {
  type Result = Extract<ReplyOf<typeof output>, { readonly result: unknown }>['result']
  expectTypeOf<{ count: number }>().toExtend<Result>()
  expectTypeOf<{ count: string }>().not.toExtend<Result>()
  expectTypeOf<{ total: number }>().not.toExtend<Result>()
})

test('annotations and scope follow from the nature, and a scope may be asked for besides', () => {
  const spec = {
    name: 'count',
    title: 'Count',
    description: 'Counts.',
    arguments: v.object({}),
    output,
    emits: {},
    run: async () => ({ reply: { result: { count: 1 } } }),
  }
  expect(tool({ ...spec, nature: 'reads' })).toMatchObject({
    scope: 'scan:read',
    annotations: NATURES.reads.annotations,
  })
  expect(tool({ ...spec, nature: 'destroys', scope: 'admin' })).toMatchObject({ scope: 'admin' })
})
