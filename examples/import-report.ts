/**
 * Takes an existing report in as a completed scan, and asks which of its hosts are worst. No scanner is needed.
 *
 *   node examples/import-report.ts report.nessus [url of the gateway]
 */
import { createReadStream } from 'node:fs'
import { NessusClient, ToolError } from 'nessus-mcp/client'

const [file = '', url = 'http://127.0.0.1:8836/mcp'] = process.argv.slice(2)

await using client = new NessusClient({ url })
try {
  const { task_id: taskId, name } = await client.importReport({ body: createReadStream(file) })
  process.stdout.write(`${name}: ${taskId}\n`)
  const perHost = new Map<string, number>()
  for await (const { host = '' } of client.results(taskId, { filters: { severity: '>=3' }, custom_fields: ['host'] })) {
    perHost.set(host, (perHost.get(host) ?? 0) + 1)
  }
  for (const [host, count] of [...perHost].sort(([, a], [, b]) => b - a)) process.stdout.write(`${count}\t${host}\n`)
} catch (error) {
  // What is wrong with the file, and where.
  if (!(error instanceof ToolError)) throw error
  process.stderr.write(`${file}: ${error.message}\n`)
  process.exitCode = 1
}
