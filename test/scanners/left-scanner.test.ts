/** A scanner that leaves the configuration, or is renamed, while its scans are under way. */
import { expect, test } from 'vitest'
import { planReplay } from '../../lib/scan-work/recover/replay-letter.ts'
import { readLetters } from '../../lib/scan-work/recover/read-letters.ts'
import { scannerEntry } from '../support/fake-registry.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'
import { makeWorld, routes, type World } from '../support/world.ts'
import { scanning } from '../runtime/support/waiting-for.ts'

const SECRETS = { accessKey: 'canary-access', secretKey: 'canary-secret' }

/** A world in which a scan of ours has just been launched on `lab/one`. */
async function launched(): Promise<World> {
  const world = makeWorld({ entries: [scannerEntry(SECRETS), scannerEntry({ instanceId: 'two', enabled: false })] })
  await world.put(queuedScan())
  await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
  await world.settleDown()
  expect(await world.scan(TASK)).toMatchObject({ step: 'scanning' })
  return world
}

const kept = (world: World) => world.services.keyspace.hash(world.services.scanKeys.kept)

async function letterOf(world: World) {
  for await (const letter of readLetters(world.bus.keyspace, world.bus.keys)) return letter
  throw new Error('there is no dead letter')
}

const plan = async (world: World) => planReplay(await letterOf(world), { ...world.services, bus: world.bus, routes })

test('its running scan goes on to its end from a sealed copy of the entry, which then goes (K1, K2, K4)', async () => {
  const world = await launched()
  expect(JSON.stringify(await kept(world))).not.toContain('canary')
  world.scanners.drop('lab/one')
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({ status: 'completed', results_summary: { hosts_scanned: 1 } })
  expect(await kept(world)).toEqual({})
})

test('its running scan can still be stopped, and is', async () => {
  const world = await launched()
  world.scanners.drop('lab/one')
  const fake = world.scanners.clientOf(scannerEntry()) as ReturnType<World['scanner']>
  await world.call('stop_scan', { task_id: TASK })
  await world.pass(20_000)
  expect(fake.phase(fake.scansById.get(1)!)).toBe('canceled')
  expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
})

test('nothing new is admitted to it (K3)', async () => {
  const world = await launched()
  world.scanners.drop('lab/one')
  const other = 'ns_one_20260301_080001_0000000b'
  await world.put(queuedScan({ task_id: other, pinned_instance: 'one' }))
  await world.emit('scan.requested', { pool: 'lab' }, { subject: other })
  await world.pass(120_000)
  expect(await world.scan(other)).toMatchObject({ status: 'queued' })
})

test.each([
  ['that holds a slot', {}],
  ['that holds none, being adopted', { origin: 'adopted' }],
] as const)('the copy stays as long as another of its scans is under way, also one %s (K4)', async (_, more) => {
  const world = await launched()
  const other = 'ns_one_20260301_080001_0000000b'
  await world.put(scanning({ task_id: other, scanner_scan_id: 99, ...more }))
  world.scanners.drop('lab/one')
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  expect(Object.keys(await kept(world))).toEqual(['lab/one'])
})

test('a copy follows the configuration, so that it works when it is needed (K1)', async () => {
  const world = await launched()
  const before = (await kept(world))['lab/one']
  await world.emit('probe.due', {})
  await world.settleDown()
  expect((await kept(world))['lab/one']).toBe(before)
  world.scanners.change('lab/one', { secretKey: 'rotated' })
  await world.emit('probe.due', {})
  await world.settleDown()
  const { vault } = world.services
  expect(vault.open('scanner:lab/one', (await kept(world))['lab/one']!)).toMatchObject({ secretKey: 'rotated' })
})

test('what cannot be reached is said, is not called ended, and goes on once the entry is back', async () => {
  const world = await launched()
  const entry = world.scanners.find('lab/one')!
  world.server.keyspace.apply(['DEL', world.services.scanKeys.kept])
  world.scanners.drop('lab/one')
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({
    status: 'running',
    trouble: {
      message: expect.stringMatching(
        /scanner lab\/one is neither configured nor kept.* put it back into scanners.yaml/,
      ),
    },
  })
  expect(await world.services.scans.used('lab/one')).toBe(1)
  world.scanners.restore(entry)
  await world.emit('sweep.due', {})
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({ status: expect.stringMatching(/failed|completed/) })
})

test('a replay is refused where neither is left, and goes on at once from a copy: no queue leads to a scanner that has left', async () => {
  const world = await launched()
  world.scanner().fault = (method) => {
    if (method === 'requestExport') throw new Error('no disk there')
  }
  const copy = await kept(world)
  await world.pass(120_000)
  for (let n = 0; n < 40 && (await world.scan(TASK)).status !== 'failed'; n++) await world.pass(60_000)
  world.scanners.drop('lab/one')
  await expect(plan(world)).rejects.toThrow(
    /its scanner lab\/one is neither configured nor kept\. Put scanner lab\/one back/,
  )
  world.server.keyspace.apply(['HSET', world.services.scanKeys.kept, 'lab/one', copy['lab/one']!])
  expect(await plan(world)).toMatchObject({
    does: 'puts the scan back to exporting',
    change: { after: { status: 'running' } },
  })
})
