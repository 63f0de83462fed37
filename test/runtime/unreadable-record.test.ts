/** Goal: a record that cannot be read harms its own scan and nobody else's; it is named, and there is a way to mend it. */
import { describe, expect, test } from 'vitest'
import { rebuildScans } from '../../lib/scan-work/recover/rebuild-scans.ts'
import type { Scan } from '../../lib/scans/record.ts'
import type { Snapshots } from '../../lib/scans/snapshots.ts'
import { scannerEntry } from '../support/fake-registry.ts'
import { queuedScan, runningScan, TASK } from '../support/scan-record.ts'
import { makeWorld, routes, START_MS, type World } from '../support/world.ts'
import { letters } from './support/waiting-for.ts'

const BAD = 'ns_one_20260301_080000_0000bad0'
const GOOD = TASK

type Spoil = (scan: Scan) => Readonly<Record<string, string>> | 'no hash'

const fields = (scan: object, body: string = JSON.stringify(scan)) => {
  const { task_id: id, revision, status } = scan as Scan
  return { id, rev: String(revision), status, body }
}
const withField = (patch: object): Spoil => {
  return (scan) => fields(scan, JSON.stringify({ ...scan, ...patch }))
}

/** The ways in which a record can be no record. */
const WAYS: [what: string, spoil: Spoil][] = [
  ['a step of a newer version', withField({ step: 'verifying' })],
  ['a status of a newer version', withField({ status: 'suspended' })],
  ['no body', ({ task_id: id, revision, status }) => ({ id, rev: String(revision), status })],
  ['a body cut short', (scan) => fields(scan, JSON.stringify(scan).slice(0, 100))],
  ['a body that is a list', (scan) => fields(scan, '[]')],
  ['a number where a text belongs', withField({ name: 7 })],
  ['a text where a number belongs', withField({ scanner_scan_id: '1' })],
  ['a time that is none', withField({ created_at: 'yesterday' })],
  ['a day that no calendar has', withField({ created_at: '2026-02-45T08:00:00.000Z' })],
  ['the record of another scan', withField({ task_id: 'ns_one_20260301_080000_0000face' })],
  ['a revision beside it that is another', (scan) => ({ ...fields(scan), rev: 'seven' })],
  ['a status beside it that is another', (scan) => ({ ...fields(scan), status: 'completed' })],
  ['a replay whose event is none', withField({ resume: { function: 'poll', step: 'scanning', event: '{}' } })],
  ['another type of key', () => 'no hash'],
]

/** Lays what `spoil` makes of the scan in place of its record; its places in the indexes stay. */
async function spoiled(world: World, scan: Scan, spoil: Spoil): Promise<void> {
  await world.put(scan)
  const key = world.services.scanKeys.scan(scan.task_id)
  const hash = spoil(scan)
  world.server.keyspace.data.set(key, hash === 'no hash' ? 'a text' : new Map(Object.entries(hash)))
}

const waitingBad = queuedScan({ task_id: BAD, priority: 10 })
const runningBad = runningScan({ task_id: BAD, step: 'scanning', scanner_scan_id: 1, next: 'lost-one' })

const noSnapshots: Snapshots = {
  write: async () => true,
  read: async () => undefined,
  list: async () => [],
}
const rebuild = (world: World, snapshots: Snapshots = noSnapshots) =>
  rebuildScans({ ...world.services, bus: world.bus, routes, snapshots, dryRun: false })

describe.each(WAYS)('a record that cannot be read: %s', (_, spoil) => {
  test('does not keep others from being admitted, nor fails them', async () => {
    const world = makeWorld()
    await spoiled(world, waitingBad, spoil)
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: GOOD })
    await world.pass(120_000)
    expect(await world.scan(GOOD)).toMatchObject({ status: 'completed' })
  })

  test('does not become the failure of another when its own admission comes', async () => {
    const world = makeWorld()
    await spoiled(world, waitingBad, spoil)
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: BAD })
    await world.pass(120_000)
    expect(await world.scan(GOOD)).toMatchObject({ status: 'completed' })
    expect(letters(world)).toEqual([])
  })

  test('leaves a bounded number of letters, and comes to rest (U3)', async () => {
    const world = makeWorld()
    await spoiled(world, runningBad, spoil)
    await world.emit('scan.poll-due', {}, { subject: BAD, id: 'lost-one' })
    await world.pass(3_600_000)
    expect(letters(world).map((letter) => letter['function'])).toEqual(['poll', 'fail'])
    expect(world.server.delayed()).toEqual([])
    expect(Number(letters(world)[0]!['attempts'])).toBeGreaterThan(1)
    expect(letters(world)[0]!['error']).toMatch(/the record of scan ns_one_20260301_080000_0000bad0 cannot be read/)
  })

  test('is named by lists, which tell of all others (U2)', async () => {
    const world = makeWorld()
    await spoiled(world, waitingBad, spoil)
    await world.put(queuedScan())
    const reply = await world.call('list_tasks', {})
    expect(reply).toMatchObject({
      kind: 'result',
      result: {
        total: 2,
        tasks: [{ task_id: GOOD }],
        unreadable: { count: 1, tasks: [{ task_id: BAD, problem: expect.any(String) }] },
      },
    })
    const queue = await world.call('get_queue_status', {})
    expect(queue).toMatchObject({ result: { next_scans: [{ task_id: GOOD }], unreadable: [{ task_id: BAD }] } })
    expect(await world.call('search_findings', { cve: 'CVE-2026-0001' })).toMatchObject({
      result: { scans_not_searched: [BAD] },
    })
  })

  test('is refused to who asks for it, with the remedy (U1)', async () => {
    const world = makeWorld()
    await spoiled(world, runningBad, spoil)
    for (const tool of ['get_scan_status', 'get_scan_results', 'stop_scan', 'delete_scan', 'summarize_scan']) {
      expect({ tool, ...(await world.call(tool, { task_id: BAD })) }).toMatchObject({
        kind: 'refusal',
        code: 'conflict',
        message: expect.stringMatching(/cannot be read: .*nessus-mcp rebuild.*delete_scan with force/),
      })
    }
  })

  test('does not stop sweep and expire from doing their work for the others (I2)', async () => {
    const world = makeWorld()
    await spoiled(world, runningBad, spoil)
    await world.put(
      runningScan({ step: 'scanning', scanner_scan_id: 1, launched_at: new Date(START_MS).toISOString() }),
    )
    world.clock.ms += 200_000
    const places = traces(world, BAD)
    await world.emit('sweep.due', {})
    expect(await world.deliver('sweep')).toBe('settled')
    expect(traces(world, BAD)).toEqual(places)
    expect(world.waiting('poll')).toEqual(['scan.poll-due'])
    world.clock.ms += 40 * 86_400_000
    const { next: _, ...ended } = runningScan({ task_id: `${TASK.slice(0, -1)}2`, status: 'failed', step: 'done' })
    await world.put({ ...ended, ended_at: new Date(START_MS).toISOString() })
    await world.emit('expire.due', {})
    expect(await world.deliver('expire')).toBe('settled')
    expect(await world.services.scans.get(ended.task_id)).toBeUndefined()
  })

  test('is removed with every trace by delete_scan with force, at its scanner too', async () => {
    const world = makeWorld()
    await spoiled(world, runningBad, spoil)
    world.scanner().add({ name: 'Weekly', description: '', marker: BAD, targets: '', template: 'basic' })
    expect(await world.call('delete_scan', { task_id: BAD, force: true })).toMatchObject({ result: { deleted: true } })
    await world.settleDown()
    expect(traces(world, BAD)).toEqual([])
    // At the scanner it is known by its name too, which is all that such a record may still tell.
    const hash = spoil(runningBad)
    const isLegible = hash !== 'no hash' && /"name":"Weekly".*"scanner_type"/.test(hash['body'] ?? '')
    expect(world.scanner().marked(BAD)).toHaveLength(isLegible ? 0 : 1)
  })

  test('is put back by rebuild as its task.json says, and its scan goes on (RB3)', async () => {
    const world = makeWorld()
    const scanner = world.scanner()
    await spoiled(world, runningBad, spoil)
    const made = scanner.add({ name: 'Weekly', description: '', marker: BAD, targets: '', template: 'basic' })
    made.launchedAtMs = world.clock.ms
    const snapshot = { ...runningBad, launched_at: new Date(START_MS).toISOString() }
    const report = await rebuild(world, { ...noSnapshots, list: async () => [BAD], read: async () => snapshot })
    expect(report).toMatchObject({ restored: 1, resumed: 1, known: 0, mended: [{ task_id: BAD }], damaged: [] })
    await world.pass(120_000)
    expect(await world.scan(BAD)).toMatchObject({ status: 'completed' })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('is named by rebuild when there is nothing to put it back from', async () => {
    const world = makeWorld()
    await spoiled(world, runningBad, spoil)
    expect(await rebuild(world)).toMatchObject({ restored: 0, mended: [], damaged: [{ task_id: BAD }] })
  })
})

/** The keys in which a scan is still named. */
function traces(world: World, taskId: string): string[] {
  return [...world.server.keyspace.data].flatMap(([key, value]) => {
    const named = key.endsWith(`:scan:${taskId}`) || (typeof value === 'object' && 'has' in value && value.has(taskId))
    return named ? [key] : []
  })
}

describe('a name without a record', () => {
  async function withGhost(): Promise<World> {
    const world = makeWorld({ entries: [scannerEntry({ maxConcurrentScans: 1 })] })
    for (let n = 0; n < 8; n++) {
      const ghost = queuedScan({ task_id: `${BAD.slice(0, -1)}${n}`, priority: 9 })
      await world.put(ghost)
      world.server.keyspace.data.delete(world.services.scanKeys.scan(ghost.task_id))
    }
    return world
  }

  test('in a queue does not keep those behind it from being admitted', async () => {
    const world = await withGhost()
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: GOOD })
    expect(await world.deliver('admit')).toBe('settled')
    expect(await world.scan(GOOD)).toMatchObject({ status: 'running' })
  })

  test('in a queue, a list or a slot is taken out by the sweep (I1)', async () => {
    const world = await withGhost()
    const ghost = runningScan({ task_id: BAD })
    await world.put(ghost)
    world.server.keyspace.data.delete(world.services.scanKeys.scan(BAD))
    expect(await world.services.scans.used('lab/one')).toBe(1)
    await world.emit('sweep.due', {})
    expect(await world.deliver('sweep')).toBe('settled')
    expect(await world.services.scans.used('lab/one')).toBe(0)
    expect(await world.services.scans.queueDepth('lab', ['one'])).toBe(0)
    expect((await world.services.scans.list({ limit: 20 })).total).toBe(0)
  })

  test('is forgotten by expire, so that it is in the way of no later look', async () => {
    const world = await withGhost()
    world.clock.ms += 40 * 86_400_000
    await world.emit('expire.due', {})
    expect(await world.deliver('expire')).toBe('settled')
    expect(await world.services.keyspace.count(world.services.scanKeys.accessed)).toBe(0)
  })
})

describe('a record that is in no index', () => {
  test.each([
    ['waits in no queue', queuedScan(), ['waiting:lab']],
    ['runs without a slot', runningScan(), ['slots:lab/one']],
  ])('%s: the sweep puts it there (I1)', async (_, scan, lost) => {
    const world = makeWorld()
    await world.put(scan)
    const before = traces(world, TASK)
    for (const key of lost) world.server.keyspace.data.delete(`${world.server.keys.prefix}:${key}`)
    expect(traces(world, TASK)).not.toEqual(before)
    await world.emit('sweep.due', {})
    await world.deliver('sweep')
    expect(traces(world, TASK).toSorted()).toEqual(before.toSorted())
  })

  test('is put into all of them by rebuild (RB1)', async () => {
    const world = makeWorld()
    await world.put(queuedScan({ caller: 'nightly' }))
    const before = traces(world, TASK)
    const { keyspace } = world.server
    const record = world.services.scanKeys.scan(TASK)
    for (const key of before) if (key !== record) keyspace.data.delete(key)
    await rebuild(world, { ...noSnapshots, list: async () => [TASK], read: async () => queuedScan() })
    expect(traces(world, TASK).toSorted()).toEqual(before.toSorted())
  })
})
