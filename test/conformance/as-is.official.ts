/**
 * The official suite against the real server, as it is. Most scenarios want an
 * everything-server with fixtures of given names, which a product does not have:
 * they are listed as such, and every other one must go on passing.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { openLab, type Lab, type Served } from '../support/lab.ts'
import { missing, runSuite } from './official-suite.ts'

const Baseline = v.record(v.string(), v.object({ passes: v.array(v.string()), needs_fixtures: v.array(v.string()) }))
const baseline = v.parse(Baseline, JSON.parse(readFileSync(new URL('as-is-baseline.json', import.meta.url), 'utf8')))
const RESULT = /^([✓✗]) ([a-z0-9-]+): \d+ passed, \d+ failed/gm

const absent = await missing()

describe.skipIf(absent !== undefined)('the official conformance suite on the real server', () => {
  let lab: Lab
  let gateway: Served
  beforeAll(async () => {
    lab = openLab()
    const redis = await lab.redis()
    gateway = await lab.gateway('gateway', { REDIS_URL: redis.url })
    await lab.worker('worker', { REDIS_URL: redis.url })
  })
  afterAll(() => lab.close({ keep: false }))

  test.each(Object.entries(baseline))('passes of %s what it passed before', async (revision, expected) => {
    const { output } = await runSuite(`${gateway.url}/mcp`, `--requirements ${revision}`)
    const results = [...output.matchAll(RESULT)]
    const marked = (wanted: string) => new Set(results.flatMap(([, mark, name]) => (mark === wanted ? [name] : [])))
    expect(marked('✓')).toEqual(new Set(expected.passes))
    expect(marked('✗')).toEqual(new Set(expected.needs_fixtures))
  })
})
