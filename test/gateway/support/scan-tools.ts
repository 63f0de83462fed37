/** Stand-ins for the tools that the gateway itself relies on: scans in a map, and nothing scanned. */
import * as v from 'valibot'
import { Refusal } from '../../../lib/base/errors.ts'
import type { Nature } from '../../../lib/runtime/nature.ts'
import { tool, type ToolDefinition } from '../../../lib/runtime/tool.ts'
import { TaskId } from '../../../lib/facts/task-id.ts'

export interface FakeScan {
  readonly task_id: string
  name: string
  status: string
  step: string
  progress: number | null
  readonly created_at: string
}

const Free = v.looseObject({})
const Id = { task_id: TaskId }

const named = (name: string, nature: Nature) => ({
  name,
  title: name,
  description: `Stands in for ${name}.`,
  nature,
})

export interface ScanTools {
  readonly tools: ToolDefinition[]
  readonly scans: Map<string, FakeScan>
  readonly add: (name: string) => FakeScan
}

export function makeScanTools(): ScanTools {
  const scans = new Map<string, FakeScan>()
  const add = (name: string) => {
    const number = (scans.size + 1).toString(16).padStart(8, '0')
    const task_id = `ns_test_20260102_030405_${number}`
    const scan = {
      task_id,
      name,
      status: 'queued',
      step: 'waiting',
      progress: null,
      created_at: '2026-01-02T03:04:05.000Z',
    }
    scans.set(task_id, scan)
    return scan
  }
  const find = (id: string) => {
    const scan = scans.get(id)
    if (!scan) throw new Refusal('not_found', `There is no scan ${id}. list_tasks shows those there are.`)
    return scan
  }
  const view = (scan: FakeScan) => ({
    ...scan,
    targets: { count: 1, hosts: ['10.0.0.1'] },
    results_available: scan.status === 'completed',
    next: 'Call get_scan_status.',
  })
  const tools = [
    tool({
      ...named('run_untrusted_scan', 'starts-scan'),
      arguments: v.object({ targets: v.string(), name: v.string() }),
      output: Free,
      emits: {},
      run: async ({ name }) => ({ reply: { result: view(add(name)) } }),
    }),
    tool({
      ...named('get_scan_status', 'reads'),
      slow: true,
      waits: {
        argument: 'wait_seconds',
        secondsMax: 45,
        sign: ({ status, step }) => (status === 'completed' ? undefined : `${String(status)} ${String(step)}`),
      },
      arguments: v.object({ ...Id, wait_seconds: v.optional(v.number(), 0) }),
      output: Free,
      emits: {},
      async run({ task_id }) {
        return { reply: { result: view(find(task_id)) } }
      },
    }),
    tool({
      ...named('get_scan_results', 'reads'),
      arguments: v.object({ ...Id, schema_profile: v.optional(v.string()) }),
      emits: {},
      async run({ task_id, schema_profile }) {
        find(task_id)
        const text = `{"type":"schema","profile":${JSON.stringify(schema_profile)}}\n`
        return { reply: { text, contentType: 'application/x-ndjson' } }
      },
    }),
    tool({
      ...named('list_tasks', 'reads'),
      arguments: v.object({
        limit: v.optional(v.number(), 50),
        cursor: v.optional(v.string()),
        status: v.optional(v.string()),
      }),
      output: Free,
      emits: {},
      async run({ limit, cursor, status }) {
        const all = [...scans.values()].toReversed().filter((scan) => status === undefined || scan.status === status)
        const from = cursor === undefined ? 0 : all.findIndex(({ task_id }) => task_id === cursor) + 1
        const page = all.slice(from, from + limit)
        const more = from + limit < all.length
        const tasks = page.map((scan) => ({ ...scan, targets: '10.0.0.1' }))
        return { reply: { result: { tasks, total: all.length, next_cursor: more ? page.at(-1)!.task_id : null } } }
      },
    }),
    tool({
      ...named('stop_scan', 'destroys'),
      arguments: v.object(Id),
      output: Free,
      emits: {},
      async run({ task_id }) {
        const scan = find(task_id)
        scan.status = 'canceled'
        return { reply: { result: view(scan) } }
      },
    }),
    tool({
      ...named('pause_scan', 'changes'),
      arguments: v.object(Id),
      output: Free,
      emits: {},
      async run({ task_id }) {
        return { reply: { result: { ...view(find(task_id)), status: 'running', step: 'pausing' } } }
      },
    }),
    tool({
      ...named('import_scan', 'changes'),
      arguments: v.object({ upload: v.string(), name: v.optional(v.string(), 'imported') }),
      output: Free,
      emits: {},
      async run({ name, upload }) {
        if (name === 'unknown') throw new Refusal('unavailable', 'Who knows.', { carried_out: 'unknown' })
        if (name === 'bad') throw new Refusal('invalid_argument', 'The file is no report.')
        return { reply: { result: { ...view(add(name)), upload } } }
      },
    }),
  ]
  return { tools: tools as unknown as ToolDefinition[], scans, add }
}
