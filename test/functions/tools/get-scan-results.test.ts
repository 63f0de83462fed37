/** get_scan_results and the lists, asked as a gateway asks them. */
import { describe, expect, test } from 'vitest'
import type { WireReply } from '../../../lib/runtime/reply.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, START_MS } from '../../support/world.ts'

const resultOf = (reply: WireReply) => {
  if (reply.kind !== 'result') throw new Error(`expected a result, got ${JSON.stringify(reply)}`)
  return reply.result
}

const refusalOf = (reply: WireReply) => {
  if (reply.kind !== 'refusal') throw new Error(`expected a refusal, got ${JSON.stringify(reply)}`)
  return reply
}

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

describe('reading', () => {
  test('results are refused until there are some, with what to do instead', async () => {
    const world = makeWorld()
    await world.put(runningScan())
    const running = refusalOf(await world.call('get_scan_results', { task_id: TASK }))
    expect(running).toMatchObject({ code: 'not_ready', details: { status: 'running' } })
    expect(running.message).toContain('get_scan_status')
    const failure = { step: 'create', message: 'no route', remedy: 'Start it again.' }
    const failed = makeWorld()
    await failed.put(
      runningScan({ status: 'failed', step: 'done', ended_at: new Date(START_MS).toISOString(), failure }),
    )
    const reply = refusalOf(await failed.call('get_scan_results', { task_id: TASK }))
    expect(reply.message).toContain('no route')
    expect(reply.message).toContain('Start it again.')
  })

  test('results come as JSON lines, in the profile the scan was started with', async () => {
    const world = makeWorld()
    const { task_id } = resultOf(await world.call('run_untrusted_scan', { ...ask, schema_profile: 'minimal' }))
    await world.pass(120_000)
    const reply = await world.call('get_scan_results', { task_id })
    expect(reply).toMatchObject({ kind: 'text', contentType: 'application/x-ndjson' })
    expect(world.reports.queries).toMatchObject([{ profile: 'minimal', page: 1 }])
    const both = { task_id, custom_fields: ['host'], custom_schema: { fields: ['host'] } }
    expect(refusalOf(await world.call('get_scan_results', both)).details['arguments']).toEqual(['custom_schema'])
  })

  test('list_tasks narrows down by target and pages through', async () => {
    const world = makeWorld()
    for (const targets of ['10.0.0.0/24', '10.0.1.5', 'www.example.org']) {
      await world.call('run_untrusted_scan', { targets, name: targets })
      world.clock.ms += 1000
    }
    const names = async (args: object) => {
      const { tasks } = resultOf(await world.call('list_tasks', { ...args }))
      return (tasks as { name: string }[]).map(({ name }) => name)
    }
    expect(await names({ target_filter: '10.0.0.7' })).toEqual(['10.0.0.0/24'])
    expect(await names({ target_filter: '10.0.0.0/16' })).toEqual(['10.0.1.5', '10.0.0.0/24'])
    const first = resultOf(await world.call('list_tasks', { limit: 2 }))
    expect(first['next_cursor']).toEqual(expect.any(String))
    expect(await names({ limit: 2, cursor: first['next_cursor'] })).toEqual(['10.0.0.0/24'])
    const conflicting = { status: 'queued', status_filter: 'failed' }
    expect(refusalOf(await world.call('list_tasks', conflicting)).code).toBe('invalid_argument')
  })

  test('list_scanners shows use and health, and never a secret', async () => {
    const disabled = scannerEntry({ instanceId: 'two', enabled: false, password: 'canary-wren' })
    const world = makeWorld({ entries: [scannerEntry({ secretKey: 'canary-wren' }), disabled] })
    await world.put(runningScan())
    const enabled = resultOf(await world.call('list_scanners', {}))
    expect(enabled).toMatchObject({
      total: 1,
      scanners: [{ instance_id: 'one', active_scans: 1, utilization_pct: 50 }],
    })
    const all = resultOf(await world.call('list_scanners', { enabled_only: false }))
    expect(all['total']).toBe(2)
    expect(JSON.stringify(all)).not.toContain('canary')
  })
})
