import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { METRICS } from '../../lib/observe/metric-definitions.ts'
import { metricsMarkdown, metricsTable } from '../../lib/observe/metrics-table.ts'

// The page is a file snapshot, so that `npm run docs` (this test with --update) writes it.
test('docs/metrics.md is the generated table', async () => {
  await expect(metricsMarkdown()).toMatchFileSnapshot('../../docs/metrics.md')
})

test('the names that older clients and dashboards know are all there, with their labels', () => {
  const labels = Object.fromEntries(metricsTable().map((metric) => [metric.name, [...metric.labels]]))
  expect(labels).toMatchObject({
    nessus_scans_total: ['scan_type', 'status'],
    nessus_api_requests_total: ['tool', 'status'],
    nessus_active_scans: [],
    nessus_scanner_instances: ['scanner_type', 'enabled'],
    nessus_queue_depth: ['queue'],
    nessus_task_duration_seconds: [],
    nessus_ttl_deletions_total: [],
    nessus_dlq_size: [],
  })
})

test('every metric is counted somewhere in the product', () => {
  const sources = ['lib', 'infra', 'functions'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('metric-definitions.ts'))
      .map((name) => readFileSync(`${root}/${name}`, 'utf8')),
  )
  const isCounted = (field: string) => {
    const use = new RegExp(`\\.${field}\\.(?:inc|set|observe)\\b`)
    return sources.some((text) => use.test(text))
  }
  expect(Object.keys(METRICS).filter((field) => !isCounted(field))).toEqual([])
})

test('counters end in _total, and whatever counts seconds says so', () => {
  for (const { name, kind } of metricsTable()) {
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter'])
    expect([name, kind !== 'histogram' || name.endsWith('_seconds')]).toEqual([name, true])
  }
})

test('task durations are told apart from a minute to a day', () => {
  const buckets = metricsTable().find(({ name }) => name === 'nessus_task_duration_seconds')?.bucketsSeconds
  expect([buckets?.[0], buckets?.at(-1)]).toEqual([60, 86_400])
})
