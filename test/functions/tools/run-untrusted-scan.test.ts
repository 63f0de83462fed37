/** run_untrusted_scan, asked as a gateway asks it: what it answers, and how it refuses. */
import { describe, expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { queuedScan } from '../../support/scan-record.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

describe('run_untrusted_scan', () => {
  test('starts a scan and says what to call next', async () => {
    const world = makeWorld()
    const result = resultOf(await world.call('run_untrusted_scan', ask))
    expect(result).toMatchObject({
      status: 'queued',
      scan_type: 'untrusted',
      scanner_pool: 'lab',
      queue_position: 1,
      targets: { count: 2 },
      idempotent: false,
    })
    expect(result['next']).toContain(`get_scan_status with task_id ${String(result['task_id'])}`)
    await world.pass(120_000)
    expect(await world.scan(String(result['task_id']))).toMatchObject({ status: 'completed' })
  })

  test.each([
    ['no targets', { name: 'x' }, 'targets'],
    ['targets that are none', { name: 'x', targets: '10.0.0.256' }, 'targets'],
    ['more hosts than one scan may cover', { name: 'x', targets: '10.0.0.0/16' }, 'targets'],
    ['a number where a text belongs', { name: 5, targets: '192.0.2.10' }, 'name'],
    ['a pool that does not exist', { ...ask, scanner_pool: 'laab' }, 'scanner_pool'],
    ['a scanner that does not exist', { ...ask, scanner_instance: 'won' }, 'scanner_instance'],
    ['an argument that does not exist', { ...ask, priorty: 1 }, 'priorty'],
    ['a priority out of bounds', { ...ask, priority: 11 }, 'priority'],
  ])('refuses %s, by its name, and starts nothing', async (_what, args, argument) => {
    const world = makeWorld()
    const { code, details, message } = refusalOf(await world.call('run_untrusted_scan', args))
    expect(code).toBe('invalid_argument')
    expect(details['arguments']).toEqual([argument])
    expect(message.length).toBeGreaterThan(20)
    expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
    expect(world.waiting('admit')).toEqual([])
  })

  test('suggests the name that was meant', async () => {
    const world = makeWorld()
    expect(refusalOf(await world.call('run_untrusted_scan', { ...ask, scanner_pool: 'laab' })).message).toContain('lab')
    expect(refusalOf(await world.call('run_untrusted_scan', { ...ask, priorty: 1 })).message).toContain('priority')
  })

  test('refuses targets that no scanner may touch, and takes the scanner that may', async () => {
    const entries = [
      scannerEntry({ deniedTargets: ['192.0.2.0/24'] }),
      scannerEntry({ instanceId: 'two', allowedTargets: ['192.0.2.0/24'] }),
    ]
    const taken = resultOf(await makeWorld({ entries }).call('run_untrusted_scan', ask))
    expect(taken).toMatchObject({ scanner_instance: 'two' })
    const refused = refusalOf(await makeWorld({ entries: entries.slice(0, 1) }).call('run_untrusted_scan', ask))
    expect(refused).toMatchObject({ code: 'forbidden', details: { arguments: ['targets'] } })
  })

  test('refuses when the queue is full, and when no scanner is enabled or configured', async () => {
    const full = makeWorld({ limits: { queueMax: 1 } })
    await full.put(queuedScan())
    expect(refusalOf(await full.call('run_untrusted_scan', ask)).code).toBe('busy')
    const disabled = makeWorld({ entries: [scannerEntry({ enabled: false })] })
    expect(refusalOf(await disabled.call('run_untrusted_scan', ask)).code).toBe('unavailable')
    const none = makeWorld({ entries: [] })
    expect(refusalOf(await none.call('run_untrusted_scan', ask)).message).toContain('SCANNER_CONFIG')
  })
})
