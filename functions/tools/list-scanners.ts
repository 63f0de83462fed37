/**
 * MCP tool `list_scanners`: the configured scanners, and whether they can be used right now.
 *
 *   tool.list_scanners → list_scanners
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { ScannerRow, scannerRows } from '../../lib/scan-work/show/scanner-rows.ts'
import { poolNamed } from '../../lib/scan-work/start/pool-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'list_scanners',
  title: 'List scanners',
  description:
    'Nessus scanners as configured: do they work (reachable, ready), is there room (running scans, capacity), pool, address, version, whether ' +
    'the licence lets scans be launched here. To choose one, or see why scans wait or fail.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({
    scanner_pool: v.optional(v.pipe(v.string(), v.maxLength(64), v.description('Only scanners of this pool.'))),
    scanner_type: v.optional(v.pipe(v.picklist(['nessus']), v.description('Only scanners of this type.'))),
    enabled_only: v.optional(v.pipe(v.boolean(), v.description('Leave out disabled scanners.')), true),
  }),
  output: v.object({ scanners: v.array(ScannerRow), total: v.number() }),
  emits: {},
  slow: true,

  async run({ scanner_pool, enabled_only }, context) {
    if (scanner_pool !== undefined) poolNamed(scanner_pool, context.scanners)
    const entries = context.scanners
      .entries()
      .filter(
        (entry) => (entry.enabled || !enabled_only) && (scanner_pool === undefined || entry.pool === scanner_pool),
      )
    const scanners = await scannerRows(entries, context)
    return { reply: { result: { scanners, total: scanners.length } } }
  },
})
