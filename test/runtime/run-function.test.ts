/** What a function decided on a record that has changed meanwhile is not written: it decides anew on the fresh one. */
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { scanFunction } from '../../lib/runtime/function.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { compileChange, update } from '../../lib/scans/change.ts'
import { runningScan, TASK } from '../support/scan-record.ts'
import { makeWorld } from '../support/world.ts'

test('a function whose scan changed meanwhile runs again on the fresh record, and nothing of before is written (R2)', async () => {
  const world = makeWorld()
  await world.put(runningScan({ next: 'the-event' }))
  const read: (string | undefined)[] = []
  const poll = scanFunction({
    name: 'poll',
    consumes: ['scan.poll-due'],
    input: v.object({}),
    emits: { 'scan.finished': v.object({}) },
    async run(_data, { scan, scans }) {
      read.push(scan.name)
      // Somebody renames it while this runs.
      if (read.length === 1) {
        const change = update((await scans.get(TASK))!, { name: 'Renamed' })
        world.server.commit(compileChange(change, world.services.scanKeys, world.server.keys), [])
      }
      return {
        scans: [update(scan, { description: `of ${scan.name}`, step: 'exporting' })],
        emit: [{ type: 'scan.finished', data: {} }],
      }
    },
  })
  await world.emit('scan.poll-due', {}, { subject: TASK, id: 'the-event' })
  const [delivery] = await world.bus.pull(new Map([['poll', 1]]))
  expect(await runDelivery(delivery!, world.runner(world.bus, { functions: new Map([['poll', poll]]) }))).toBe(
    'settled',
  )
  expect(read).toEqual(['Weekly', 'Renamed'])
  expect(await world.scan(TASK)).toMatchObject({ revision: 3, name: 'Renamed', description: 'of Renamed' })
  expect(world.waiting('export')).toEqual(['scan.finished'])
})
