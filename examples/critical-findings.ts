/**
 * Lists the critical findings of a scan, those with a public exploit first.
 *
 *   node examples/critical-findings.ts <task-id> [url of the gateway]
 */
import { NessusClient, TaskNotFoundError } from 'nessus-mcp/client'

const [taskId = '', url = 'http://127.0.0.1:8836/mcp'] = process.argv.slice(2)

await using client = new NessusClient({ url })
try {
  const findings = client.results(taskId, {
    filters: { severity: 'Critical' },
    custom_fields: ['host', 'port', 'plugin_name', 'cve', 'exploit_available'],
    sort: ['-exploit_available', '-cvss_score'],
  })
  for await (const { host, port, plugin_name: name, cve, exploit_available: exploit } of findings) {
    const marks = [exploit ? 'EXPLOIT' : '', cve?.join(' ') ?? ''].filter((mark) => mark !== '')
    process.stdout.write(`${host}:${port} ${name} ${marks.join(' ')}\n`)
  }
} catch (error) {
  if (!(error instanceof TaskNotFoundError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
