import { expect, test } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog } from '../../lib/base/log.ts'
import { makeReportShelf } from '../../lib/reports/report-shelf.ts'
import { openWorkshop } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

const report = (name: string) => writtenReport([{ name, items: [{ severity: 2, children: [] }] }])

test('whoever reads a report at the same time reads the same one, even where no cache holds it', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(report('10.0.0.1'))
  await workshop.reports.build(taskId)
  // A cache of nothing, as for a report larger than any cache.
  const shelf = makeReportShelf({ dataDir: workshop.dataDir, cacheBytesMax: 0, log: silentLog })
  const opened = await Promise.all(Array.from({ length: 50 }, () => shelf.use(taskId, (one) => one)))
  expect(new Set(opened).size).toBe(1)
  expect(await shelf.use(taskId, (one) => one)).toBe(opened[0])
  await writeFile(join(workshop.dataDir, taskId, 'scan_native.nessus'), report('10.0.0.2'))
  await shelf.build(taskId, {})
  expect(await shelf.use(taskId, ({ store }) => store.hosts[0]?.name)).toBe('10.0.0.2')
})
