/** take-in brings in the runs of a scanner by turns: each once, whatever dies or changes meanwhile, and nothing there is touched. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { UNDER_WAY_MAX } from '../../../lib/scan-work/start/adoption.ts'
import { resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

interface Adoption {
  readonly state: string
  readonly runs_taken: number
  readonly runs_seen: number
  readonly scans_unchanged: number
  readonly ended_early: string | null
  readonly trouble: unknown
  readonly skipped: readonly { why: string; count: number }[]
  readonly examples: readonly { name: string; why: string }[]
}

async function adopting(options: Parameters<typeof worldAtSimulator>[0] = {}) {
  const at = await worldAtSimulator(options)
  const { world } = at
  const adopt = async (args: object = {}) =>
    resultOf(await world.call('adopt_scans', { ...args })) as unknown as Adoption
  const progress = async () => {
    const told = resultOf(await world.call('list_adoptions', {}))
    return (told['adoptions'] as Adoption[])[0]!
  }
  /** Until nothing is due for a while. */
  const through = async () => {
    for (let turns = 0; turns < 200; turns++) {
      await world.pass(1000)
      if ((await progress()).state === 'ended') break
    }
    await world.settleDown()
    return progress()
  }
  const tasks = async () => (await world.services.scans.list({ limit: 5000 })).scans
  const runs = async () => (await tasks()).map((scan) => scan.run_uuid)
  const untouched = () => {
    const { othersTouched, totals } = at.simulator.control.counts()
    expect(othersTouched).toEqual([])
    expect({ ...totals, creates: totals.creates, launches: totals.launches }).toMatchObject({
      creates: 0,
      launches: 0,
      stops: 0,
      deletes: 0,
    })
  }
  return { ...at, adopt, progress, through, tasks, runs, untouched }
}

/** A run of a person, as soon as ours is over; its history id. */
async function ranByPerson(people: Awaited<ReturnType<typeof adopting>>['people'], id: number) {
  for (;;) {
    try {
      return people.ranBefore(id, { times: 1 })[0]
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

test('takes in every complete run, more than have room at a time, and tells what it passed over and why (A3)', async () => {
  const { people, adopt, through, runs, tasks, untouched } = await adopting()
  for (const name of ['Weekly one', 'Weekly two']) people.ranBefore(people.makeScan({ name }), { times: 15 })
  const canceled = people.makeScan({ name: 'Weekly stopped' })
  people.ranBefore(canceled, { times: 2, status: 'canceled' })
  people.makeScan({ name: 'Weekly never' })
  people.ranBefore(people.makeScan({ name: 'Other' }), { times: 3 })
  expect(await adopt({ name_filter: 'weekly*' })).toMatchObject({ state: 'under way', scans_total: 4 })
  const ended = await through()
  expect(ended).toMatchObject({ state: 'ended', ended_early: null, runs_seen: 32, runs_taken: 30, runs_being_read: 0 })
  expect(ended.skipped.map(({ count }) => count)).toEqual([2, 1])
  expect(ended.examples.map(({ name }) => name)).toEqual(['Weekly stopped', 'Weekly never'])
  expect(new Set(await runs()).size).toBe(30)
  expect((await tasks()).every(({ status }) => status === 'completed')).toBe(true)
  untouched()
})

test('never has more of them under way than have room, so that their exports hold up nobody (A4)', async () => {
  const { world, people, adopt, tasks } = await adopting()
  people.ranBefore(people.makeScan(), { times: 30 })
  await adopt()
  const [delivery] = await world.bus.pull(new Map([['take-in', 1]]))
  await runDelivery(delivery!, world.runner(world.bus))
  expect(await tasks()).toHaveLength(UNDER_WAY_MAX)
})

test('a second pass takes only what is new, and does not ask for scans that have not changed', async () => {
  const { people, simulator, adopt, through, runs } = await adopting()
  const ids = ['a', 'b', 'c'].map((name) => people.makeScan({ name }))
  for (const id of ids) people.ranBefore(id, { times: 2 })
  await adopt()
  await through()
  people.ranBefore(ids[1]!, { times: 1 })
  const asked = () => simulator.control.counts().requests['GET /scans/:id'] ?? 0
  const before = asked()
  await adopt()
  expect(await through()).toMatchObject({ runs_taken: 1, scans_unchanged: 2, skipped: [{ count: 2 }] })
  // One look of the adoption, and one before the export.
  expect(asked() - before).toBe(2)
  expect(new Set(await runs()).size).toBe(7)
})

test('what somebody deleted here is not brought back, and neither is what was taken in by hand (TR2)', async () => {
  const { world, people, adopt, through, tasks } = await adopting()
  const id = people.makeScan()
  people.ranBefore(id, { times: 3 })
  const byHand = resultOf(await world.call('adopt_scan', { scanner_scan_id: id }))
  await world.settleDown()
  await world.call('delete_scan', { task_id: String(byHand['task_id']) })
  await world.settleDown()
  await adopt()
  expect(await through()).toMatchObject({ runs_taken: 2, skipped: [{ why: 'taken in before', count: 1 }] })
  expect(await tasks()).toHaveLength(2)
})

test('never the runs of our own scans, and those of a person on them', async () => {
  const { world, people, adopt, through, tasks } = await adopting()
  const started = resultOf(await world.call('run_untrusted_scan', { targets: '192.0.2.9', name: 'Ours' }))
  const task = String(started['task_id'])
  for (const step of ['admit', 'create', 'launch']) await world.deliver(step)
  const { scanner_scan_id: own } = await world.scan(task)
  const theirs = await ranByPerson(people, own!)
  await adopt()
  expect(await through()).toMatchObject({
    runs_taken: 1,
    skipped: [{ why: 'run by us, or by another installation of ours', count: 1 }],
  })
  const taken = (await tasks()).filter(({ origin }) => origin === 'adopted')
  expect(taken).toMatchObject([{ scanner_scan_id: own, run_history_id: theirs }])
})

test('a turn that two workers run at once, or that is delivered again, counts once (A1)', async () => {
  const { world, people, adopt, progress, runs } = await adopting()
  people.ranBefore(people.makeScan(), { times: 5 })
  await adopt()
  const [delivery] = await world.bus.pull(new Map([['take-in', 1]]))
  const twin = world.server.bus('twin')
  await world.bus.publish([{ to: 'take-in', event: { ...delivery!.event!, id: 'again' }, delayMs: 0, attempt: 1 }])
  const [again] = await twin.pull(new Map([['take-in', 1]]))
  await Promise.all([runDelivery(delivery!, world.runner(world.bus)), runDelivery(again!, world.runner(twin))])
  expect(await progress()).toMatchObject({ runs_taken: 5 })
  expect(new Set(await runs()).size).toBe(5)
  expect(await runs()).toHaveLength(5)
})

test('what one pass left, a later one that wants more of it still finds', async () => {
  const { people, adopt, through } = await adopting()
  const id = people.makeScan()
  people.ranBefore(id, { times: 1 })
  people.ranBefore(id, { times: 2, status: 'canceled' })
  await adopt()
  expect(await through()).toMatchObject({ runs_taken: 1 })
  await adopt({ partial: true })
  expect(await through()).toMatchObject({ runs_taken: 2, scans_unchanged: 0 })
})

test('a turn delivered late, after it has counted, begins no second row of turns (A2)', async () => {
  const { world, people, adopt, progress } = await adopting()
  people.ranBefore(people.makeScan(), { times: 30 })
  await adopt()
  const [first] = await world.bus.pull(new Map([['take-in', 1]]))
  await runDelivery(first!, world.runner(world.bus))
  const before = await progress()
  const event = { ...first!.event!, id: 'late' }
  await world.bus.publish([{ to: 'take-in', event, delayMs: 0, attempt: 1 }])
  const [late] = await world.bus.pull(new Map([['take-in', 1]]))
  expect(late?.event?.id).toBe('late')
  await runDelivery(late!, world.runner(world.bus))
  expect(await progress()).toEqual(before)
  world.clock.ms += 60_000
  const next = await world.bus.pull(new Map([['take-in', 9]]))
  expect(next.map(({ event: due }) => due?.data)).toEqual([{ scanner: 'lab/one', turn: 2 }])
})

test('what is noted of scans that were deleted at the scanner goes with the next pass', async () => {
  const { world, people, simulator, adopt, through } = await adopting()
  const ids = ['a', 'b'].map((name) => people.makeScan({ name }))
  for (const id of ids) people.ranBefore(id, { times: 1 })
  const noted = async () => {
    const keys = [...world.server.keyspace.data.keys()].filter((key) => key.includes(':taken-scans:'))
    return (await Promise.all(keys.map((key) => world.services.keyspace.fieldNames(key)))).flat()
  }
  await adopt()
  await through()
  expect(await noted()).toEqual(ids.map(String))
  simulator.control.deleteScan(ids[0]!)
  await adopt()
  await through()
  expect(await noted()).toEqual([String(ids[1])])
})

test('one that is adopted by hand during the turn is taken once', async () => {
  const { world, people, adopt, runs } = await adopting()
  const id = people.makeScan()
  people.ranBefore(id, { times: 1 })
  await adopt()
  const [delivery] = await world.bus.pull(new Map([['take-in', 1]]))
  await Promise.all([
    runDelivery(delivery!, world.runner(world.bus)),
    world.call('adopt_scan', { scanner_scan_id: id }),
  ])
  expect(await runs()).toHaveLength(1)
})

describe('trouble', () => {
  test('a scanner that is away is waited for, and said', async () => {
    const { people, simulator, adopt, progress, through, world } = await adopting()
    people.ranBefore(people.makeScan(), { times: 2 })
    await adopt()
    const fault = simulator.control.faults.add({
      match: { method: 'GET', path: '^/scans$' },
      action: 'status',
      status: 502,
    })
    await world.settleDown()
    expect(await progress()).toMatchObject({ state: 'under way', trouble: { message: expect.stringContaining('502') } })
    simulator.control.faults.remove(fault)
    expect(await through()).toMatchObject({ runs_taken: 2, trouble: null })
  })

  test('one scan that cannot be read is passed over after three tries, and named; the others are taken in', async () => {
    const { people, simulator, adopt, through } = await adopting()
    const ids = ['first', 'broken', 'last'].map((name) => people.makeScan({ name }))
    for (const id of ids) people.ranBefore(id, { times: 1 })
    simulator.control.faults.add({
      match: { method: 'GET', path: `^/scans/${ids[1]}$` },
      action: 'status',
      status: 502,
    })
    await adopt()
    expect(await through()).toMatchObject({
      state: 'ended',
      runs_taken: 2,
      skipped: [{ why: 'could not be read', count: 1 }],
      examples: [{ name: 'broken', why: expect.stringContaining('502') }],
    })
  })

  test('a limit ends it, and the next call goes on', async () => {
    const { people, adopt, through, runs } = await adopting()
    people.ranBefore(people.makeScan(), { times: 5 })
    await adopt({ limit: 3 })
    expect(await through()).toMatchObject({ runs_taken: 3, ended_early: expect.stringContaining('limit') })
    await adopt({ limit: 3 })
    expect(await through()).toMatchObject({ runs_taken: 2, ended_early: null })
    expect(new Set(await runs()).size).toBe(5)
  })

  test('a scanner that leaves the configuration ends it', async () => {
    const { people, adopt, registry, world, progress } = await adopting()
    people.ranBefore(people.makeScan(), { times: 1 })
    await adopt()
    registry.change('lab/one', { enabled: false })
    await world.settleDown()
    expect(await progress()).toMatchObject({
      state: 'ended',
      ended_early: expect.stringContaining('disabled'),
      runs_taken: 0,
    })
  })
})

test('since leaves out what ended before', async () => {
  const { people, adopt, through } = await adopting()
  people.ranBefore(people.makeScan(), { times: 5 })
  const since = new Date(Date.now() - 2.5 * 86_400_000).toISOString()
  await adopt({ since })
  expect(await through()).toMatchObject({ runs_taken: 2, skipped: [{ why: 'ended before since', count: 3 }] })
})
