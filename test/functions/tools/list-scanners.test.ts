/** Tools that look at scanners, pools and queues, and at what people made at the scanner. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { openHouse, scanner, type Answer, type House } from '../../support/house.ts'
import { runningScan } from '../../support/scan-record.ts'
import { resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

let house: House

beforeAll(async () => {
  house = await openHouse({
    config: ({ quick, slow }) => ({
      nessus: [scanner('quick')(quick), scanner('off', { enabled: false })(quick)],
      slow: [scanner('slow', { max_concurrent_scans: 1, name: 'Slow one' })(slow)],
    }),
  })
})

afterAll(() => house?.close())

test.each(['list_templates', 'list_scanner_scans'])('%s wants one scanner, and says which there are', async (tool) => {
  const several = await house.refusal(tool, {})
  expect(several).toMatchObject({ http: 400, arguments: ['scanner_instance'] })
  expect(several.message).toMatch(/several fit.*quick \(pool nessus\), slow \(pool slow\)/)
  expect((await house.refusal(tool, { scanner_instance: 'quik' })).message).toMatch(/no such scanner.*quick/)
  expect(await house.result(tool, { scanner_pool: 'slow' })).toMatchObject({ scanner_instance: 'slow' })
})

test('list_templates tells what the scanner offers', async () => {
  const { templates } = (await house.result('list_templates', { scanner_instance: 'quick' })) as { templates: Answer[] }
  expect(templates.map(({ name }) => name)).toEqual(expect.arrayContaining(['basic', 'discovery']))
})

test('list_scanners shows no credentials, and disabled ones only when asked', async () => {
  const { scanners } = (await house.result('list_scanners', {})) as { scanners: Answer[] }
  expect(scanners.map(({ instance_id: id }) => id)).toEqual(['quick', 'slow'])
  expect(scanners[1]).toMatchObject({
    scanner_pool: 'slow',
    name: 'Slow one',
    enabled: true,
    reachable: true,
    launch: expect.any(String) as string,
  })
  const { scanners: all } = (await house.result('list_scanners', { enabled_only: false, scanner_pool: 'nessus' })) as {
    scanners: Answer[]
  }
  expect(all).toMatchObject([{ instance_id: 'quick' }, { instance_id: 'off', enabled: false }])
  expect(JSON.stringify(all)).not.toContain(house.quick.secretKey)
  expect(await house.refusal('list_scanners', { enabled_only: 'no' })).toMatchObject({
    http: 400,
    arguments: ['enabled_only'],
  })
})

test('pool and queue tell what runs, what waits, and never what was asked', async () => {
  const first = await house.start({ scanner_pool: 'slow', name: 'first' })
  await house.until(first, ({ status }) => status === 'running')
  const second = await house.start({ scanner_pool: 'slow', name: 'second', targets: '198.51.100.7' })
  expect(await house.result('get_pool_status', { scanner_pool: 'slow' })).toMatchObject({
    total_capacity: 1,
    total_active: 1,
    available_capacity: 0,
    utilization_pct: 100,
    queue_depth: 1,
    scanners: [{ instance_id: 'slow', active_scans: 1 }],
  })
  const queue = await house.result('get_queue_status', { scanner_pool: 'slow' })
  expect(queue).toMatchObject({ queue_depth: 1, next_scans: [{ position: 1, task_id: second, name: 'second' }] })
  expect(JSON.stringify(queue)).not.toContain('198.51.100.7')
  for (const tool of ['get_pool_status', 'get_queue_status']) {
    expect((await house.refusal(tool, { scanner_pool: 'slwo' })).message).toMatch(/no scanner pool "slwo".*slow/)
  }
  expect(await house.result('list_pools', {})).toEqual({
    pools: [
      { scanner_pool: 'nessus', scanners: 1, capacity: 4 },
      { scanner_pool: 'slow', scanners: 1, capacity: 1 },
    ],
    default_pool: 'nessus',
  })
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
