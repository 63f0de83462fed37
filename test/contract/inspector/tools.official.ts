/** The MCP Inspector lists, checks and calls every tool, in both eras of the protocol. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tools } from '../../../functions/index.ts'
import { openHouse, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'
import { inspect, missing } from './run-inspector.ts'

const REPORT = fileURLToPath(new URL('../../../infra/simulator/reports/network.nessus', import.meta.url))
const absent = await missing()
if (absent !== undefined) console.warn(`The Inspector is not run. ${absent}`)

let house: House
let ids: { done: string; other: string; theirs: number; finding: string }

beforeAll(async () => {
  if (absent !== undefined) return
  house = await openHouse()
  copyFileSync(REPORT, join(house.importDir, 'report.nessus'))
  const [done, other] = [await house.start(), await house.start()]
  const theirs = await personAt(house.quick).makeScan({ name: 'by hand', launch: true })
  await house.ended(done)
  await house.ended(other)
  const { text } = await house.result('get_scan_results', { task_id: done, custom_fields: ['id'], page_size: 10 })
  const { id } = JSON.parse(String(text).split('\n')[2] ?? '{}') as { id: string }
  ids = { done, other, theirs, finding: id }
})
afterAll(() => house?.close())

const run = { targets: '192.0.2.1', name: 'inspected' }
const login = { username: 'u', password: 'p' }

/** What each tool is called with; ids are known once the scans exist. */
function argumentsOf(tool: string): object {
  switch (tool) {
    case 'run_untrusted_scan':
      return run
    case 'run_trusted_scan':
      return { ...run, ...login }
    case 'run_authenticated_scan':
      return { ...run, ...login, scan_type: 'authenticated' }
    case 'run_privileged_scan':
      return { ...run, ...login, escalation_method: 'sudo' }
    case 'get_finding':
      return { task_id: ids.done, finding_id: ids.finding }
    case 'compare_scans':
      return { old_task_id: ids.done, new_task_id: ids.other }
    case 'search_findings':
      return { port: 22 }
    case 'query_findings':
      return { scan: ids.done, of: 'hosts', group_by: ['os'] }
    case 'adopt_scan':
      return { scanner_instance: 'quick', scanner_scan_id: ids.theirs }
    case 'import_scan':
      return { path: 'report.nessus' }
    case 'list_templates':
    case 'list_scanner_scans':
      return { scanner_instance: 'quick' }
    default:
      return tool.startsWith('list_') || /pool|queue/.test(tool) ? {} : { task_id: ids.done }
  }
}

/** What the scan in hand, which has ended, cannot do: the refusal is the answer. */
const REFUSED = ['pause_scan', 'resume_scan']
const names = tools.map(({ name }) => name).filter((name) => name !== 'delete_scan')

describe.skipIf(absent !== undefined).each(['legacy', 'modern'])('in the %s era, the Inspector', (era) => {
  const options = ['--protocol-era', era, '--format', 'json']

  test('lists every tool, and finds nothing to blame', async () => {
    const { code, output } = await inspect(house.url, [...options, '--method', 'tools/list', '--strict'])
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
    for (const { name } of tools) expect(output).toContain(`"${name}"`)
  })

  test.each([...names, 'delete_scan'])('calls %s', async (tool) => {
    const args = tool === 'delete_scan' ? { task_id: await ended() } : argumentsOf(tool)
    const call = ['--method', 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args)]
    const { code, output } = await inspect(house.url, [...options, ...call])
    const wanted = REFUSED.includes(tool) ? /has ended|completed/ : /"content"|task_id|"text"/
    expect(output).toMatch(wanted)
    expect(code === 0 || REFUSED.includes(tool)).toBe(true)
  })
})

async function ended(): Promise<string> {
  const taskId = await house.start()
  await house.ended(taskId)
  return taskId
}
