/** The functions in memory, with real reports: two imported ones of the same network, a week apart. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../lib/base/log.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { type WrittenItem, writtenReport } from '../reports/support/written-report.ts'
import { resultOf } from './tool-replies.ts'
import { makeWorld, type World } from './world.ts'

export interface ReportedWorld {
  readonly world: World
  /** Two hosts; the first with a critical finding, port 443, CVE-2021-44228. */
  readonly older: string
  /** The same hosts a week later; the finding is gone. */
  readonly newer: string
  /** The result of a call that must succeed. */
  result(tool: string, args: object): Promise<Record<string, unknown>>
  close(): void
}

export const CRITICAL = {
  severity: 4,
  pluginId: 155_999,
  port: 443,
  name: 'Log4Shell',
  children: [['cve', 'CVE-2021-44228']],
} as const satisfies WrittenItem

const LOGIN: WrittenItem = {
  pluginId: 19_506,
  name: 'Nessus Scan Information',
  family: 'Settings',
  children: [['plugin_output', 'Scan type : Normal\nPort range : 1-1024\nCredentialed checks : yes']],
}

function report(day: number, items: readonly WrittenItem[]): string {
  const tags = (ip: string) => ({
    'host-ip': ip,
    HOST_START: `Mon Mar ${day} 08:00:00 2026`,
    HOST_END: `Mon Mar ${day} 09:00:00 2026`,
  })
  const port: WrittenItem = { pluginId: 11_219, port: 443, name: 'SYN scanner', family: 'Port scanners' }
  return writtenReport([
    { name: '192.0.2.10', tags: tags('192.0.2.10'), items: [LOGIN, port, ...items] },
    { name: '192.0.2.11', tags: tags('192.0.2.11'), items: [LOGIN, port] },
  ])
}

export async function openReportedWorld(): Promise<ReportedWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-reported-'))
  const [dataDir, importDir] = [join(folder, 'data'), join(folder, 'imports')]
  for (const each of [dataDir, importDir]) mkdirSync(each)
  writeFileSync(join(importDir, 'older.nessus'), report(2, [CRITICAL]))
  writeFileSync(join(importDir, 'newer.nessus'), report(9, []))
  const world = makeWorld({ limits: { importDir } })
  // The functions hold the fake that they were given: it becomes the real thing in place.
  Object.assign(world.reports, makeReports({ dataDir, cacheBytesMax: 1024 * 1024, log: silentLog }))
  const result: ReportedWorld['result'] = async (tool, args) => resultOf(await world.call(tool, { ...args }))
  const imported = async (path: string) => String((await result('import_scan', { path }))['task_id'])
  return {
    world,
    older: await imported('older.nessus'),
    newer: await imported('newer.nessus'),
    result,
    close: () => rmSync(folder, { recursive: true }),
  }
}
