/** The official suite against an everything-server made of our own app, MCP handler and tasks module. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type FixtureServer } from './fixture/server.ts'
import { missing, runSuite } from './official-suite.ts'

const TASKS = [
  'tasks-lifecycle',
  'tasks-capability-negotiation',
  'tasks-wire-fields',
  'tasks-request-state-removal',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-dispatch-and-envelope',
  'tasks-mrtr-composition',
]

const absent = await missing()
if (absent !== undefined) console.warn(`The official conformance suite is not run. ${absent}`)

describe.skipIf(absent !== undefined)('the official conformance suite', () => {
  let server: FixtureServer
  beforeAll(async () => {
    server = await startFixture()
  })
  afterAll(() => server.close())

  test.each(['2026-07-28', '2025-11-25'])('passes all that is required of %s', async (revision) => {
    const run = await runSuite(server.url, `--requirements ${revision}`)
    expect(run).toMatchObject({ code: 0, output: expect.stringMatching(/Total: [1-9]\d+ passed/) })
  })

  test.each(TASKS)('passes %s', async (scenario) => {
    const run = await runSuite(server.url, `--scenario ${scenario}`)
    expect(run).toMatchObject({ code: 0, output: expect.stringMatching(/Passed: [1-9]\d*\/\d+, 0 failed/) })
  })
})
