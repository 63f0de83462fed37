/** `nessus-mcp stats`: what the system is doing, from Redis itself. */
import { Command } from 'commander'
import { loadSettings } from '../../../config/settings.ts'
import { functions } from '../../../functions/index.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { HOST_GONE_MS } from '../../../lib/bus/hosting.ts'
import { systemState } from '../../../lib/scan-work/show/system-state.ts'
import { STATUSES } from '../../../lib/scans/states.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'
import { scannerFile } from '../../processes/scanners-configured.ts'
import { makeScannerRegistry } from '../../processes/services.ts'

const EXAMPLES = `
Examples:
  nessus-mcp stats
  REDIS_URL=redis://localhost:6379 nessus-mcp stats --json`

export function statsCommand(): Command {
  return new Command('stats')
    .description('show queues, slots, workers, inboxes and dead letters')
    .option('--json', 'machine-readable', false)
    .addHelpText('after', EXAMPLES)
    .action((flags: { json: boolean }) =>
      runOperator(async ({ bus, scans, scanKeys }) => {
        const settings = loadSettings(process.env)
        const scanners = makeScannerRegistry(
          { ...settings, scannerConfig: scannerFile(settings) },
          makeMetrics(),
          silentLog,
        )
        const state = await systemState({ bus, scans, scanKeys, scanners, functions, workerGoneMs: HOST_GONE_MS })
        const counts = await Promise.all(
          STATUSES.map(async (status) => [status, await bus.keyspace.count(scanKeys.byStatus(status))] as const),
        )
        await scanners.close()
        if (flags.json) printJson({ scans: Object.fromEntries(counts), ...state })
        else print(page(state, counts))
        return 0
      }),
    )
}

function page(state: Awaited<ReturnType<typeof systemState>>, counts: readonly (readonly [string, number])[]): string {
  const busy = state.inboxes.filter(({ depth }) => depth > 0)
  const unserved = state.inboxes.filter(({ workers }) => workers === 0).map((inbox) => inbox.function)
  const workers = Math.max(0, ...state.inboxes.map((inbox) => inbox.workers))
  return [
    `scans         ${counts.map(([status, count]) => `${status} ${count}`).join('  ')}`,
    `workers       ${workers}${unserved.length === 0 ? '' : `  (nobody hosts: ${unserved.join(', ')})`}`,
    `dead letters  ${state.deadLetters}`,
    `delayed       ${state.delayedEvents}`,
    ...state.queues.map(({ pool, depth }) => `queue         ${pool}: ${depth} waiting`),
    ...state.scanners.map(
      (each) =>
        `scanner       ${each.key}: ${each.slotsUsed} of ${each.slotsMax} slots${each.enabled ? '' : ' (disabled)'}`,
    ),
    ...busy.map(
      (inbox) => `inbox         ${inbox.function}: ${inbox.depth}, oldest ${Math.round(inbox.oldestAgeSeconds)} s`,
    ),
  ].join('\n')
}
