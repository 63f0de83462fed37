/** Informational items are counted apart, under one name, wherever findings are counted. */
import { expect, test } from 'vitest'
import { tools } from '../../../functions/index.ts'
import { type JsonSchema, toolSchemas } from '../../../lib/gateway/tool-schemas.ts'
import { checkQuestion } from '../../../lib/reports/question/question.ts'
import { judged } from '../../../lib/scan-work/end/report-fields.ts'
import { openWorkshop } from '../../reports/support/workshop.ts'
import { type WrittenItem, writtenReport } from '../../reports/support/written-report.ts'

const NAME = 'total_informational'

/** Objects of a schema that are counts or hold them, with their place; of findings and plugins it is their severity that tells. */
function* objectsOf(schema: JsonSchema, path: string): Generator<[path: string, names: string[]]> {
  const { properties, items, anyOf } = schema as {
    properties?: Record<string, JsonSchema>
    items?: JsonSchema
    anyOf?: JsonSchema[]
  }
  if (properties && !('plugin_id' in properties)) {
    yield [path, Object.keys(properties)]
    for (const [name, inner] of Object.entries(properties)) yield* objectsOf(inner, `${path}.${name}`)
  }
  if (items) yield* objectsOf(items, `${path}[]`)
  for (const each of anyOf ?? []) yield* objectsOf(each, path)
}

const objects = tools.flatMap((tool) => {
  const { output } = toolSchemas(tool)
  return output ? [...objectsOf(output, tool.name)] : []
})

/** What says that findings are counted here. */
const COUNTS = ['total_vulnerabilities', 'scans_searched', 'not_retested_reasons', 'scans_left_unasked']

test('every answer that counts findings counts informational items apart', () => {
  const counting = objects.filter(([, names]) => names.some((name) => COUNTS.includes(name)))
  expect(counting.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      'summarize_scan',
      'import_scan',
      'list_tasks.tasks[]',
      'compare_scans',
      'search_findings',
      'query_findings',
    ]),
  )
  expect(counting.filter(([, names]) => !names.includes(NAME)).map(([path]) => path)).toEqual([])
})

test('no answer has another name for them, but for the severity itself', () => {
  const others = objects.flatMap(([path, names]) =>
    names
      .filter((name) => /info/i.test(name) && name !== NAME)
      .filter((name) => !(name === 'info' && path.endsWith('.severity_breakdown')))
      .map((name) => `${path}.${name}`),
  )
  expect(others).toEqual([])
})

const tags = { HOST_START: 'Mon Nov  2 10:00:00 2026', HOST_END: 'Mon Nov  2 10:30:00 2026' }
const items: WrittenItem[] = [
  { severity: 3, pluginId: 1 },
  { severity: 1, pluginId: 2 },
  { severity: 0, pluginId: 3 },
  { severity: 0, pluginId: 4 },
  { severity: 0, pluginId: 5 },
]

test('all count the same', async () => {
  await using workshop = await openWorkshop()
  const { reports } = workshop
  const taskId = await workshop.put(writtenReport([{ name: 'h', tags, items }]))
  const other = await workshop.put(writtenReport([{ name: 'h', tags, items: items.slice(1) }]))
  const look = { task_id: taskId, scan: 's', at: null }
  const ask = (informational: boolean) =>
    reports.ask([{ taskId, look }], checkQuestion({ of: 'findings', informational }))
  const schemaOf = async (filters: Record<string, unknown>) =>
    JSON.parse((await reports.query(taskId, { filters })).text.split('\n')[0]!) as object

  const both = { total_vulnerabilities: 2, total_informational: 3 }
  expect(await schemaOf({})).toMatchObject(both)
  expect(await schemaOf({ severity: 0 })).toMatchObject({ total_vulnerabilities: 0, total_informational: 3 })
  expect(await schemaOf({ severity: '>=1' })).toMatchObject({ total_vulnerabilities: 2, total_informational: 0 })
  expect(await reports.summarize(taskId)).toMatchObject(both)
  expect(judged(await reports.facts(taskId)).results_summary).toMatchObject(both)
  expect(await ask(false)).toMatchObject({ findings: 2, total_informational: 0 })
  expect(await ask(true)).toMatchObject({ findings: 5, total_informational: 3 })
  expect(await reports.compare(taskId, other, {})).toMatchObject({ total_informational: 0 })
  expect(await reports.compare(taskId, other, { severityMin: 0 })).toMatchObject({
    counts: { persisting: 4 },
    total_informational: 3,
  })
  let found = 0
  const { each, total } = await reports.search(taskId, {})
  each(({ informational }) => (found += Number(informational)))
  expect([total, found]).toEqual([5, 3])
})
