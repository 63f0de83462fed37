import { describe, expect, test } from 'vitest'
import { metricsTable } from '../../../lib/observe/metrics-table.ts'
import { read, valuesOf, yamlDocuments } from './deployment-files.ts'

const dashboard = JSON.parse(read('infra/deploy/grafana/dashboard.json')) as {
  panels: { id: number; gridPos: object }[]
}
const expressions = [
  ...valuesOf(yamlDocuments('infra/deploy/prometheus/alerts.yml'), 'expr'),
  ...valuesOf(dashboard, 'expr'),
].map(String)

const metrics = new Map(metricsTable().map((metric) => [metric.name, metric]))
/** The metric a series belongs to: histograms show three series each. */
function metricOf(series: string) {
  const histogram = metrics.get(series.replace(/_(bucket|sum|count)$/, ''))
  return histogram?.kind === 'histogram' ? histogram : metrics.get(series)
}

describe('alerts and dashboard', () => {
  test.each(expressions)('%s: every metric exists, and has the labels that are asked of it', (expression) => {
    const series = [...expression.matchAll(/\bnessus_[a-z_]+/g)].map((match) => match[0])
    expect(series.length).toBeGreaterThan(0)
    expect(series.filter((name) => metricOf(name) === undefined)).toEqual([])
    const labels = new Set(['le', ...series.flatMap((name) => metricOf(name)?.labels ?? [])])
    const asked = [
      ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap((match) => match[1]?.split(/, */) ?? []),
      ...[...expression.matchAll(/[{,] *(\w+) *(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? ''),
    ]
    expect(asked.filter((label) => !labels.has(label))).toEqual([])
  })

  test('every metric is shown somewhere but those that only say how many scanners are configured', () => {
    const all = expressions.join('\n')
    expect([...metrics.keys()].filter((name) => !all.includes(name))).toEqual(['nessus_scanner_instances'])
  })
})

test('every alert says how grave it is, what happened and what to do', () => {
  const rules = valuesOf(yamlDocuments('infra/deploy/prometheus/alerts.yml'), 'rules').flat()
  expect(rules.length).toBeGreaterThan(4)
  for (const rule of rules) {
    expect(rule).toMatchObject({
      labels: { severity: expect.stringMatching(/^(warning|critical)$/) as string },
      annotations: { summary: expect.any(String) as string, action: expect.any(String) as string },
    })
  }
})

test('the dashboard numbers its panels apart', () => {
  const ids = dashboard.panels.map((panel) => panel.id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('Prometheus loads the alerts and finds gateway and workers by their names in compose', () => {
  const [config] = yamlDocuments('infra/deploy/prometheus/prometheus.yml')
  expect(valuesOf(config, 'rule_files')).toEqual([['alerts.yml']])
  const [compose] = yamlDocuments('docker-compose.yml')
  for (const names of valuesOf(config, 'names') as string[][]) {
    for (const name of names) expect(valuesOf(compose, name)).toHaveLength(1)
  }
})
