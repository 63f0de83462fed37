/** adopt_scan takes in what people ran, and never changes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, scanner, type Answer, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { compileChange, erase, update } from '../../../lib/scans/change.ts'
import { withSettle } from '../../runtime/support/waiting-for.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { replyTo, sealedCall } from '../../support/world.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

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

describe('a chosen run', () => {
  const adopting = async () => {
    const at = await worldAtSimulator()
    const id = at.people.makeScan({ name: 'Weekly' })
    const adopt = async (args: object = {}) =>
      resultOf(await at.world.call('adopt_scan', { scanner_scan_id: id, ...args }))
    return { ...at, id, adopt }
  }

  test('is the newest complete one by default, also when the newest was canceled', async () => {
    const { people, id, adopt } = await adopting()
    const [, complete] = people.ranBefore(id, { times: 2 })
    people.ranBefore(id, { times: 1, status: 'canceled' })
    expect(await adopt()).toMatchObject({
      history_id: complete,
      scanner_status: 'completed',
      newer_runs: 1,
      newest_run_status: 'canceled',
      taken_before: false,
    })
  })

  test('is the newest complete one also while the newest runs; where none is complete, the newest', async () => {
    const { world, people, simulator, adopt, id } = await adopting()
    const [canceled] = people.ranBefore(id, { times: 1, status: 'canceled' })
    expect(await adopt()).toMatchObject({ history_id: canceled, scanner_status: 'canceled' })
    const [complete] = people.ranBefore(id, { times: 1 })
    people.launchScan(id)
    simulator.control.counts()
    const taken = await adopt()
    expect(taken).toMatchObject({ history_id: complete, newer_runs: 1 })
    expect(await world.scan(String(taken['task_id']))).toMatchObject({ step: 'exporting', scan_outcome: 'completed' })
  })

  test('is named by history_id or history_uuid, and one that is not there is refused with those that are', async () => {
    const { world, people, id, adopt } = await adopting()
    const [first, second] = people.ranBefore(id, { times: 2 })
    const taken = await adopt({ history_id: first })
    expect(taken).toMatchObject({ history_id: first, newer_runs: 1 })
    expect(await adopt({ history_uuid: String(taken['history_uuid']).toUpperCase() })).toMatchObject({
      task_id: taken['task_id'],
      taken_before: true,
    })
    const refused = refusalOf(await world.call('adopt_scan', { scanner_scan_id: id, history_id: 999 }))
    expect(refused).toMatchObject({ code: 'not_found', message: expect.stringContaining(`${second} (completed)`) })
  })

  test('stays the run of its scan, whatever runs later: what is exported is that run', async () => {
    const { world, people, exported, id, adopt } = await adopting()
    const [first] = people.ranBefore(id, { times: 2 })
    const { task_id: taskId } = await adopt({ history_id: first })
    people.launchScan(id)
    await world.settleDown()
    expect(exported).toEqual([{ id, historyId: first }])
    expect(await world.scan(String(taskId))).toMatchObject({ status: 'completed', run_history_id: first })
  })

  test('that was deleted at the scanner after all is not replaced by another', async () => {
    const { world, people, exported, id, adopt } = await adopting()
    const [first] = people.ranBefore(id, { times: 2 })
    const { task_id: taskId } = await adopt({ history_id: first })
    people.deleteRun(id, first!)
    await world.settleDown()
    expect(exported).toEqual([])
    expect(await world.scan(String(taskId))).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('no longer has our run') },
    })
  })

  test('is taken in once by two workers that read at the same time', async () => {
    const { world, people, id } = await adopting()
    people.ranBefore(id, { times: 1 })
    const workers = [world.server.bus('one'), world.server.bus('two')] as const
    const ids = ['first', 'second']
    for (const call of ids) {
      const time = new Date(world.clock.ms).toISOString()
      const args = { scanner_scan_id: id }
      const { event, writes } = sealedCall({ tool: 'adopt_scan', args, id: call, time, services: world.services })
      const post = { to: 'adopt_scan', event, delayMs: 0, attempt: 1 }
      await world.bus.publish([post], { guards: [], writes })
    }
    const pulled = []
    for (const bus of workers) pulled.push({ bus, delivery: (await bus.pull(new Map([['adopt_scan', 1]])))[0]! })
    // Neither settles before both have read that nobody has the run.
    let arrived = 0
    let open = () => {}
    const both = new Promise<void>((resolve) => (open = resolve))
    const together = (bus: (typeof workers)[number]) =>
      withSettle(
        world,
        async (...settlement) => {
          arrived += 1
          if (arrived === workers.length) open()
          await both
          return bus.settle(...settlement)
        },
        bus,
      )
    await Promise.all(pulled.map(({ bus, delivery }) => runDelivery(delivery, world.runner(together(bus)))))
    expect(arrived).toBeGreaterThanOrEqual(2)
    const replies = ids.map((call) => resultOf(replyTo(world.server, call)))
    expect(replies.filter((reply) => reply['taken_before'])).toHaveLength(1)
    expect(replies[0]!['task_id']).toBe(replies[1]!['task_id'])
    expect((await world.services.scans.list({ limit: 10 })).total).toBe(1)
  })

  test('may be taken in again when its scan has failed here, or was deleted (TR2)', async () => {
    const { world, people, id, adopt } = await adopting()
    people.ranBefore(id, { times: 1 })
    const first = String((await adopt())['task_id'])
    const failed = update(await world.scan(first), {
      status: 'failed',
      step: 'done',
      ended_at: new Date().toISOString(),
    })
    await world.bus.publish([], compileChange(failed, world.services.scanKeys, world.bus.keys))
    const second = await adopt()
    expect(second).toMatchObject({ taken_before: false })
    expect(second['task_id']).not.toBe(first)
    const gone = erase(await world.scan(String(second['task_id'])))
    await world.bus.publish([], compileChange(gone, world.services.scanKeys, world.bus.keys))
    expect(await adopt()).toMatchObject({ taken_before: false })
  })

  test('of a scan of ours that a person launched again is taken in; our own run is answered with our scan', async () => {
    const { world, people } = await adopting()
    const started = resultOf(await world.call('run_untrusted_scan', { targets: '192.0.2.9', name: 'Ours' }))
    const task = String(started['task_id'])
    for (const step of ['admit', 'create', 'launch']) await world.deliver(step)
    const { scanner_scan_id: own } = await world.scan(task)
    const again = resultOf(await world.call('adopt_scan', { scanner_scan_id: own }))
    expect(again).toMatchObject({ task_id: task, taken_before: true })
    const until = Date.now() + 5000
    while (!people.launchScan(own!) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
    const theirs = resultOf(
      await world.call('adopt_scan', { scanner_scan_id: own, history_id: Number(again['history_id']) + 1 }),
    )
    expect(theirs).toMatchObject({ taken_before: false })
    expect(theirs['task_id']).not.toBe(task)
  })
})
