/** Goal: what is given up is kept, told to whom it concerns, and never grows without end. */
import { describe, expect, test } from 'vitest'
import { countLetters } from '../../../lib/scan-work/recover/count-letters.ts'
import { letterGone } from '../../../lib/scan-work/recover/letter-gone.ts'
import { readLetters, type DeadLetter } from '../../../lib/scan-work/recover/read-letters.ts'
import { letterLine, letterPage } from '../../../infra/cli/operator/letter-views.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { LETTERS_PER_CAUSE_MAX } from '../../../lib/runtime/retry/dead-letter.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, START_MS, type World } from '../../support/world.ts'
import { letters } from '../support/waiting-for.ts'

/** An event that its function cannot read. */
const bad = (world: World, type: string, about: { subject?: string; id?: string } = {}) =>
  world.emit(type, { pool: 7 }, about)

async function read(world: World): Promise<DeadLetter[]> {
  const found: DeadLetter[] = []
  for await (const letter of readLetters(world.server.keyspace, world.server.keys)) found.push(letter)
  return found
}

describe('whose death is told', () => {
  test('that of a step, which ends its scan (D1)', async () => {
    const world = makeWorld()
    await world.put(runningScan({ step: 'validating', next: 'died' }))
    await world.emit('report.exported', {}, { subject: TASK, id: 'died' })
    await world.deliver('validate')
    expect(world.waiting('fail')).toEqual(['event.dead'])
  })

  test('also where a letter of the same event is there already: nothing else would end its scan (D1)', async () => {
    const world = makeWorld()
    await world.put(runningScan({ step: 'validating', next: 'died' }))
    world.server.keyspace.apply(['HSET', world.server.keys.openLetters, 'died@validate', 'validate'])
    await world.emit('report.exported', {}, { subject: TASK, id: 'died' })
    await world.settleDown()
    expect(letters(world)).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed' })
  })

  test('not that of an admission, though its event is about a scan: it serves others too (D1)', async () => {
    const world = makeWorld()
    await world.put(queuedScan({ next: 'died' }))
    await bad(world, 'scan.requested', { subject: TASK, id: 'died' })
    await world.deliver('admit')
    expect(letters(world)).toHaveLength(1)
    expect(world.waiting('fail')).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
  })

  test('nor that of who hears of deaths (D2)', async () => {
    const world = makeWorld()
    await world.put(runningScan())
    for (let n = 0; n < 4; n++) {
      await world.emit('event.dead', {}, { subject: TASK, id: `dead-${n}` })
      const [delivery] = await world.bus.pull(new Map([['fail', 1]]))
      const poisoned = {
        ...delivery!,
        deliveries: 99,
        get signal() {
          return delivery!.signal
        },
      }
      world.server.leases.get(`fail ${delivery!.entryId}`)!.deliveries = 99
      expect(await runDelivery(poisoned, world.runner(world.bus))).toBe('dead')
    }
    expect(letters(world)).toHaveLength(4)
    expect(world.waiting('fail')).toEqual([])
  })
})

describe('letters of one cause', () => {
  test('are kept up to a number, and counted beyond it (D4)', async () => {
    const world = makeWorld()
    for (let n = 0; n < LETTERS_PER_CAUSE_MAX + 5; n++) {
      await bad(world, 'slot.freed', { id: `again-${n}` })
      await world.deliver('admit')
    }
    expect(letters(world)).toHaveLength(LETTERS_PER_CAUSE_MAX)
    const counts = await countLetters(world.bus)
    expect(counts).toMatchObject([{ function: 'admit', letters: LETTERS_PER_CAUSE_MAX, not_kept: 5 }])
  })

  test('make room for others as they go', async () => {
    const world = makeWorld()
    const die = async (id: string) => {
      await bad(world, 'slot.freed', { id })
      await world.deliver('admit')
    }
    for (let n = 0; n < LETTERS_PER_CAUSE_MAX; n++) await die(`again-${n}`)
    const [first] = await read(world)
    const open = await world.bus.keyspace.field(world.bus.keys.openLetters, first!.id)
    await world.bus.publish([], letterGone(first!, { why: 'discarded', who: 'a test', open }, world.bus.keys))
    await die('one more')
    expect((await read(world)).at(-1)!.id).toBe('one more@admit')
  })

  test('are those of one scan: of many scans that fail alike each has its own', async () => {
    const world = makeWorld()
    for (let n = 10; n < 10 + 2 * LETTERS_PER_CAUSE_MAX; n++) {
      const task_id = `ns_one_20260301_080000_000000${n}`
      await world.put(runningScan({ task_id, step: 'validating', next: `died-${n}` }))
      await world.emit('report.exported', {}, { subject: task_id, id: `died-${n}` })
      await world.deliver('validate')
    }
    expect(letters(world)).toHaveLength(2 * LETTERS_PER_CAUSE_MAX)
  })

  test('about no scan differ by what they were to do', async () => {
    const world = makeWorld()
    for (let n = 0; n < 2 * LETTERS_PER_CAUSE_MAX; n++) {
      await world.emit('scan.deleted', { task_id: `scan-${n}`, scanner_scan_id: 'no number' })
      await world.deliver('forget')
    }
    expect(letters(world)).toHaveLength(2 * LETTERS_PER_CAUSE_MAX)
  })
})

describe('a letter that cannot be read', () => {
  const garbled = { function: 'poll', first: 'yesterday', last: '1e99', attempts: '-', error: '{', e: 'no event' }

  test('is listed and shown as far as it can be', async () => {
    const world = makeWorld()
    world.server.keyspace.apply(['XADD', world.server.keys.dead, '*', ...Object.entries(garbled).flat()])
    world.server.keyspace.apply(['XADD', world.server.keys.dead, '*', 'x', 'y'])
    for (const letter of await read(world)) {
      expect(letterLine(letter)).toContain(new Date(START_MS).toISOString())
      expect(letterPage(letter, { isPossible: false, says: 'no' })).toContain('what to do')
    }
    expect(await countLetters(world.bus)).toHaveLength(2)
  })

  test('expires with the others, and does not stop expire from its other work', async () => {
    const world = makeWorld()
    world.server.keyspace.apply(['XADD', world.server.keys.dead, '*', 'x', 'y'])
    const { next: _, ...ended } = runningScan({
      status: 'failed',
      step: 'done',
      ended_at: new Date(START_MS).toISOString(),
    })
    await world.put(ended)
    world.clock.ms += 40 * 86_400_000
    await world.emit('expire.due', {})
    expect(await world.deliver('expire')).toBe('settled')
    expect(await read(world)).toEqual([])
    expect(await world.services.scans.get(TASK)).toBeUndefined()
  })
})

test('garbage in an inbox is one letter, and the scan that waited for it is given its event again', async () => {
  const world = makeWorld()
  await world.put(
    runningScan({ step: 'scanning', scanner_scan_id: 1, next: 'lost', launched_at: new Date(START_MS).toISOString() }),
  )
  world.server.keyspace.apply(['XADD', world.server.keys.inbox('poll'), '*', 'e', '{"specversion"'])
  world.server.keyspace.apply(['XADD', world.server.keys.inbox('fail'), '*', 'e', 'garbage'])
  world.clock.ms += 200_000
  await world.emit('sweep.due', {})
  expect(await world.deliver('sweep')).toBe('settled')
  expect(await world.deliver('poll')).toBe('dead')
  expect(letters(world)).toHaveLength(1)
  expect(world.waiting('poll')).toEqual(['scan.poll-due'])
})
