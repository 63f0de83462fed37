/** The metrics as data and as a Markdown table: `docs/metrics.md` is this text, and a test compares them. */
import { type MetricDefinition, METRICS } from './metric-definitions.ts'

/** Every metric, in the order of the documentation. */
export function metricsTable(): MetricDefinition[] {
  return Object.values(METRICS)
}

/** The whole text of `docs/metrics.md`. */
export function metricsMarkdown(): string {
  const rows = metricsTable().map(({ name, kind, labels, source, help }) => {
    const labelled = labels.map((label) => `\`${label}\``).join(' ')
    return `| \`${name}\` | ${kind} | ${labelled} | ${source} | ${help} |`
  })
  return [
    '# Metrics',
    '',
    'What `GET /metrics` shows. Written by `npm run docs`: change `lib/observe/metric-definitions.ts`, not this page.',
    'Add up `process` metrics over processes; `state` metrics come from Redis and are the same everywhere: take the maximum.',
    '',
    '| metric | kind | labels | source | what it says |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
