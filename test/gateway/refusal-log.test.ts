/** Who was turned away is counted each time, and logged as often as somebody can read. */
import { expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { Refusal } from '../../lib/base/errors.ts'
import { makeRefusalLog } from '../../lib/gateway/refusal-log.ts'
import { makeMetrics } from '../../lib/observe/metrics.ts'

test('401 and 403 are counted and logged, other refusals are not, and a flood is summed up', async () => {
  const clock = { ms: 0 }
  const lines: [string, object | undefined][] = []
  const metrics = makeMetrics()
  const note = makeRefusalLog({
    metrics,
    now: () => clock.ms,
    log: { ...silentLog, warn: (...line) => void lines.push(line as never) },
  })
  for (let i = 0; i < 100; i++) note(new Refusal('unauthenticated', 'no token'), { path: '/mcp' })
  note(new Refusal('not_found', 'nothing'), {})
  expect(lines).toHaveLength(20)
  expect(lines[0]).toEqual(['turned away', { path: '/mcp', code: 'unauthenticated', reason: 'no token' }])
  clock.ms = 60_000
  note(new Refusal('forbidden', 'scope'), { tool: 'stop_scan', caller: 'reader' })
  expect(lines.slice(20)).toEqual([
    ['turned away, and not logged one by one', { count: 80 }],
    ['turned away', { tool: 'stop_scan', caller: 'reader', code: 'forbidden', reason: 'scope' }],
  ])
  const text = await metrics.render()
  expect(text).toContain('nessus_refused_total{code="unauthenticated"} 100')
  expect(text).toContain('nessus_refused_total{code="forbidden"} 1')
})
