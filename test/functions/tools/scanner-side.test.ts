/** Tools that look at scanners, pools and queues, and at what people made at the scanner. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, scanner, type Answer, type House } from './support/house.ts'
import { personAt } from './support/person.ts'

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

describe('adopt_scan', () => {
  test('takes in what a person ran, reads it, and never changes or deletes it', async () => {
    const person = personAt(house.quick)
    const id = await person.makeScan({ name: 'made by hand', launch: true })
    const { scans } = (await house.result('list_scanner_scans', {
      scanner_instance: 'quick',
      name_filter: 'BY HAND',
    })) as { scans: Answer[] }
    expect(scans).toMatchObject([{ scanner_scan_id: id, name: 'made by hand' }])
    const adopted = await house.result('adopt_scan', { scanner_instance: 'quick', scanner_scan_id: id })
    const taskId = String(adopted['task_id'])
    expect(await house.ended(taskId)).toMatchObject({ status: 'completed', origin: 'adopted', nessus_scan_id: id })
    expect(await house.result('summarize_scan', { task_id: taskId })).toMatchObject({ hosts_scanned: 1 })
    await house.result('delete_scan', { task_id: taskId })
    await house.post('expire.due')
    expect(await person.has(id)).toBe(true)
    const counts = house.quick.control.counts().scans.find(({ name }) => name === 'made by hand')
    expect(counts).toMatchObject({ launches: 1, stops: 0, deletes: 0 })
  })

  test('follows one that still runs, and stop_scan only stops following', async () => {
    const id = await personAt(house.slow).makeScan({ name: 'long by hand', launch: true })
    const { task_id: taskId } = await house.result('adopt_scan', { scanner_instance: 'slow', scanner_scan_id: id })
    await house.result('stop_scan', { task_id: taskId })
    expect(await house.ended(String(taskId))).toMatchObject({ status: 'canceled' })
    const counts = house.slow.control.counts().scans.find(({ name }) => name === 'long by hand')
    expect(counts).toMatchObject({ stops: 0, deletes: 0 })
  })

  test('refuses what cannot be taken in, saying why', async () => {
    const never = await personAt(house.quick).makeScan({ name: 'never launched', launch: false })
    const on = { scanner_instance: 'quick' }
    expect(await house.refusal('adopt_scan', { ...on, scanner_scan_id: 9999 })).toMatchObject({ http: 404 })
    const empty = await house.refusal('adopt_scan', { ...on, scanner_scan_id: never })
    expect(empty.http).toBeGreaterThanOrEqual(400)
    expect(empty.message).toMatch(/never|not.*(launched|run)|no results/i)
    expect(await house.refusal('adopt_scan', { ...on, scanner_scan_id: 'x' })).toMatchObject({
      http: 400,
      arguments: ['scanner_scan_id'],
    })
  })
})

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
