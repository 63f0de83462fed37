import { expect, it } from 'vitest'
import { NessusClient } from '../../lib/client/index.ts'
import { makeStandIn } from './support/stand-in.ts'

it('goes to where every tool is listed: a program is not distracted by what is there', async () => {
  const standIn = makeStandIn({ list_pools: () => ({ result: { pools: [] } }) })
  const asked: string[] = []
  const send: typeof fetch = (input, init) => {
    asked.push(new URL(input instanceof Request ? input.url : input).search)
    return standIn.fetch(input, init)
  }
  await using client = new NessusClient({ url: 'http://gateway.test/mcp', fetch: send })
  expect((await client.listTools()).map(({ name }) => name)).toEqual(['list_pools'])
  expect(new Set(asked)).toEqual(new Set(['?toolset=all']))
})
