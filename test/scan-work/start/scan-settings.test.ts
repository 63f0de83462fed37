/** Settings of one scan: checked at the door, within what the configuration allows, sent to the scanner's form, and shown. */
import { describe, expect, test } from 'vitest'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10', name: 'Weekly' }
const settings = { port_range: '22,80,T:8000-8100,U:53', ping: false, plugin_families: ['DNS'] }

test('what is set reaches the scanner client, and is shown by get_scan_settings', async () => {
  const world = makeWorld()
  const taskId = String(resultOf(await world.call('run_untrusted_scan', { ...ask, settings }))['task_id'])
  await world.pass(120_000)
  expect(world.scanner().marked(taskId)[0]?.asked.settings).toEqual(settings)
  expect(resultOf(await world.call('get_scan_settings', { task_id: taskId }))).toMatchObject({ settings: { settings } })
})

test('settings as a client writes them, in a text, are read; none set is none', async () => {
  const world = makeWorld()
  const written = { ...ask, settings: '{"max_checks_at_once":"2","safe_checks":"true"}' }
  const taskId = String(resultOf(await world.call('run_untrusted_scan', written))['task_id'])
  expect(await world.scan(taskId)).toMatchObject({ settings: { max_checks_at_once: 2, safe_checks: true } })
  const empty = String(resultOf(await world.call('run_untrusted_scan', { ...ask, settings: {} }))['task_id'])
  expect(await world.scan(empty)).not.toHaveProperty('settings')
})

test.each([
  ['a misspelt name', { port_rnge: '80' }, /port_rnge/],
  ['a port that there is not', { port_range: '80-70000' }, /settings.port_range: .*1 to 65535/],
  ['a range backwards', { port_range: '100-80' }, /1 to 65535/],
  ['words for ports', { port_range: 'web' }, /1 to 65535/],
  ['no hosts at once', { max_hosts_at_once: 0 }, /max_hosts_at_once/],
])('%s is refused before anything is queued', async (_what, given, message) => {
  const world = makeWorld()
  const refusal = refusalOf(await world.call('run_untrusted_scan', { ...ask, settings: given }))
  expect(refusal.code).toBe('invalid_argument')
  expect(refusal.message).toMatch(message)
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})

describe('what the configuration allows', () => {
  test.each([
    [{ safe_checks: false }, undefined, /settings\.safe_checks: checks that may harm hosts are not allowed/],
    [{ max_hosts_at_once: 50 }, { maxHostsAtOnce: 30 }, /max_hosts_at_once: at most 30 here, got 50/],
    [{ max_checks_at_once: 9 }, { maxChecksAtOnce: 5 }, /max_checks_at_once: at most 5 here, got 9/],
  ])('%j is refused where the limits are %j', async (given, scanLimits, message) => {
    const world = makeWorld({ entries: [scannerEntry(scanLimits && { scanLimits })] })
    const refusal = refusalOf(await world.call('run_untrusted_scan', { ...ask, settings: given }))
    expect(refusal).toMatchObject({ code: 'forbidden', details: { arguments: ['settings'] } })
    expect(refusal.message).toMatch(message)
  })

  test('goes to the scanner that allows it, and is asked again before the scan is made', async () => {
    const entries = [scannerEntry(), scannerEntry({ instanceId: 'two', scanLimits: { unsafeChecks: true } })]
    const world = makeWorld({ entries })
    const called = await world.call('run_untrusted_scan', { ...ask, settings: { safe_checks: false } })
    const { task_id: taskId, scanner_instance: instance } = resultOf(called)
    expect(instance).toBe('two')
    world.scanners.change('lab/two', { scanLimits: {} })
    await world.pass(60_000)
    expect(await world.scan(String(taskId))).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringMatching(/settings\.safe_checks any more/) as string },
    })
    expect(world.scanner('lab/two').calls).not.toContain('create')
  })

  test('stands in scanners.yaml, a slip in it is told', () => {
    const read = (limits: object) =>
      parseConfiguration({
        text: JSON.stringify({
          lan: [{ instance_id: 'one', url: 'https://n:8834', access_key: 'a', secret_key: 'b', scan_limits: limits }],
        }),
        file: 'scanners.yaml',
        env: {},
        readFile: () => '',
      }).entries[0]?.scanLimits
    expect(read({ max_hosts_at_once: 30, unsafe_checks: true })).toEqual({ maxHostsAtOnce: 30, unsafeChecks: true })
    expect(() => read({ max_host_at_once: 30 })).toThrow(
      /scan_limits\.max_host_at_once: unknown key.*max_hosts_at_once/,
    )
  })
})
