/**
 * Writes every finding of a scan as a line of JSON, however many there are: pages are read as they are needed.
 *
 *   node examples/stream-results.ts <task-id> [url of the gateway] > findings.jsonl
 */
import { NessusClient } from 'nessus-mcp/client'

const [taskId = '', url = 'http://127.0.0.1:8836/mcp'] = process.argv.slice(2)

await using client = new NessusClient({ url })
for await (const finding of client.results(taskId, { schema_profile: 'full' })) {
  process.stdout.write(`${JSON.stringify(finding)}\n`)
}
