/** The client's types against the tools themselves: what one of them knows and the other does not shows here. */
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { tools } from '../../functions/index.ts'
import { NessusClient } from '../../lib/client/index.ts'
import type { Result, ToolName } from '../../lib/client/tool-types.ts'

const scanner = {
  scanner_type: 'nessus',
  scanner_pool: 'nessus',
  instance_id: 'local',
  name: 'Local',
  url: 'https://127.0.0.1:8834',
  enabled: true,
  reachable: true,
  ready: true,
  problem: null,
  product: null,
  version: null,
  launch: 'allowed',
  licensed_hosts: null,
  max_concurrent_scans: 2,
  active_scans: 0,
  available_capacity: 2,
  utilization_pct: 0,
}
const pool = { scanner_pool: 'nessus', queue_depth: 1, dead_letters: 0 }
const changed = { task_id: 't', status: 'running', next: 'wait' }

/** One answer of each kind, typed as the client has it. */
const SAMPLES: { readonly [T in ToolName]?: Result<T> } = {
  get_scan_settings: {
    task_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: 'nessus',
    scanner_instance: null,
    origin: 'created',
    settings: {},
    created_at: 'now',
    execution_time_seconds: null,
  },
  download_native_scan: {
    task_id: 't',
    file_path: '/t',
    size_bytes: 1,
    sha256: 'a',
    format: 'nessus',
    download_url: '/scans/t/native',
  },
  pause_scan: changed,
  resume_scan: changed,
  stop_scan: { ...changed, stopping: true },
  delete_scan: { task_id: 't', deleted: true, next: 'gone' },
  adopt_scan: { ...changed, name: 'x', scanner_status: 'completed' },
  import_scan: {
    ...changed,
    name: 'x',
    hosts_scanned: 1,
    total_vulnerabilities: 1,
    severity_breakdown: { high: 1 },
    validation_warnings: ['w'],
  },
  list_scanners: { scanners: [scanner], total: 1 },
  list_pools: { pools: [{ scanner_pool: 'nessus', scanners: 1, capacity: 2 }], default_pool: null },
  get_pool_status: {
    ...pool,
    total_scanners: 1,
    total_capacity: 2,
    total_active: 0,
    available_capacity: 2,
    utilization_pct: 0,
    scanners: [scanner],
  },
  get_queue_status: {
    ...pool,
    oldest_wait_seconds: null,
    next_scans: [{ position: 1, task_id: 't', name: 'x', priority: 0, pinned_instance: null, waiting_seconds: 1 }],
  },
  list_templates: { scanner_instance: 'local', templates: [{ name: 'basic', title: 'Basic', description: '' }] },
  list_scanner_scans: {
    scanner_instance: 'local',
    total: 1,
    scans: [{ scanner_scan_id: 1, name: 'x', status: 'completed', last_modified_at: null }],
    next: 'adopt_scan',
  },
  summarize_scan: { task_id: 't', severity_breakdown: { high: 1 } },
  compare_scans: { old_task_id: 't', new_task_id: 'u', counts: { fixed: 1 } },
  get_finding: { task_id: 't', id: 'i', finding: {} },
  search_findings: { total: 0, scans_searched: 1, findings: [{}] },
}

describe.each(Object.entries(SAMPLES))('the result of %s', (name, sample) => {
  const output = tools.find((tool) => tool.name === name)?.output

  it('has exactly the fields that the tool answers', () => {
    if (output === undefined) throw new Error(`${name} is typed by the client, but the gateway has no such result`)
    expect(v.parse(output, sample)).toEqual(sample)
    expect(Object.keys(sample).toSorted()).toEqual(Object.keys(entriesOf(output)).toSorted())
  })
})

function entriesOf(schema: v.GenericSchema): object {
  if ('entries' in schema && typeof schema.entries === 'object' && schema.entries !== null) return schema.entries
  throw new Error('expected the schema of an object')
}

it.each(tools.map(({ name }) => name))('%s has a method of its own', (name) => {
  const method = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  expect(
    NessusClient.prototype,
    `add ${method} to lib/client/tool-methods.ts and ${name} to tool-types.ts`,
  ).toHaveProperty(method)
})
