/** Goal: an index of the latest looks that was made while one of its reports was replaced is not believed. */
import { expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { makeLatestLooks } from '../../lib/reports/latest/latest-looks.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { makeReportShelf } from '../../lib/reports/report-shelf.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { CACHE_BYTES_MAX, openWorkshop } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

const reportOf = (name: string) => writtenReport([{ name, items: [{ severity: 4 }] }])

test('a report that is replaced between the look at its state and its reading answers for itself (LF2)', async () => {
  await using workshop = await openWorkshop()
  const ids = [await workshop.put(reportOf('10.9.9.1')), await workshop.put(reportOf('10.9.9.2'))]
  const scans = ids.map((id) => ({ task_id: id, scan: id }))
  const options = { dataDir: workshop.dataDir, cacheBytesMax: CACHE_BYTES_MAX, log: silentLog }
  const shelf = makeReportShelf(options)
  let heads = 0
  const replacing: typeof shelf = {
    ...shelf,
    async head(id) {
      const head = await shelf.head(id)
      // The first look is at its state, the second one at its hosts: then it is replaced.
      if (id === ids[1] && (heads += 1) === 2) {
        await workshop.reports.receive(id, [Buffer.from(reportOf('10.9.9.3'))] as never, { bytesMax: 1e6 })
        shelf.forget(id)
      }
      return head
    },
  }
  await using _open = await makeLatestLooks(workshop.dataDir, replacing, silentLog).open(scans)
  expect(heads).toBeGreaterThan(1)
  const { answer } = await makeReports(options).askLatest(scans, checkQuestion({ of: 'hosts' }))
  const hosts = JSON.stringify(answer.rows)
  expect(['10.9.9.1', '10.9.9.2', '10.9.9.3'].map((host) => hosts.includes(host))).toEqual([true, false, true])
})
