/** get_scan_results, asked as a gateway asks it. */
import { expect, test } from 'vitest'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld, START_MS } from '../../support/world.ts'

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

test('findings are refused until there are some, with what to do instead', async () => {
  const world = makeWorld()
  await world.put(runningScan())
  const running = refusalOf(await world.call('get_scan_results', { task_id: TASK }))
  expect(running).toMatchObject({ code: 'not_ready', details: { status: 'running' } })
  expect(running.message).toContain('get_scan_status')
  const failure = { step: 'create', message: 'no route', remedy: 'Start it again.' }
  const failed = makeWorld()
  await failed.put(runningScan({ status: 'failed', step: 'done', ended_at: new Date(START_MS).toISOString(), failure }))
  const reply = refusalOf(await failed.call('get_scan_results', { task_id: TASK }))
  expect(reply.message).toContain('no route')
  expect(reply.message).toContain('Start it again.')
})

test('findings come as JSON lines, in the profile the scan was started with', async () => {
  const world = makeWorld()
  const { task_id } = resultOf(await world.call('run_untrusted_scan', { ...ask, schema_profile: 'minimal' }))
  await world.pass(120_000)
  const reply = await world.call('get_scan_results', { task_id })
  expect(reply).toMatchObject({ kind: 'text', contentType: 'application/x-ndjson' })
  expect(world.reports.queries).toMatchObject([{ profile: 'minimal', page: 1 }])
  const both = { task_id, custom_fields: ['host'], custom_schema: { fields: ['host'] } }
  expect(refusalOf(await world.call('get_scan_results', both)).details['arguments']).toEqual(['custom_schema'])
})
