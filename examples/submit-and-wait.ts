/**
 * Starts a scan, waits until it has ended, and says what it found and what that is worth.
 *
 *   node examples/submit-and-wait.ts 192.0.2.10-12 [url of the gateway]
 */
import { NessusClient, TimeoutError } from 'nessus-mcp/client'

const [targets = '192.0.2.10-12', url = 'http://127.0.0.1:8836/mcp'] = process.argv.slice(2)

await using client = new NessusClient({ url })
try {
  const request = { targets, name: 'Example: submit and wait' }
  const status = await client.scanAndWait(request, {
    timeoutMs: 6 * 3_600_000,
    onProgress: ({ status: state, step, progress }) => process.stderr.write(`${state}, ${step}, ${progress ?? 0}%\n`),
  })
  process.stdout.write(`${status.task_id} ${status.status}\n`)
  if (status.results_available) {
    const summary = await client.getVulnerabilitySummary(status.task_id)
    process.stdout.write(`${JSON.stringify(summary.severity_breakdown)} on ${summary.hosts} host(s)\n`)
    // A scan that could not look finds nothing: read this before calling anything clean.
    for (const warning of summary.warnings) process.stdout.write(`Warning: ${warning}\n`)
  }
  process.exitCode = status.status === 'completed' ? 0 : 1
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error
  // The scan goes on without us; another run, on another machine, can wait for it again.
  process.stdout.write(`Not done yet: ${error.taskId}\n`)
  process.exitCode = 1
}
