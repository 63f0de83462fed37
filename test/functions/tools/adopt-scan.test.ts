/** adopt_scan takes in what people ran, and never changes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, scanner, type Answer, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'

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
