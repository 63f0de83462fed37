/** list_scanner_runs tells the history of one scan on a scanner. */
import { expect, test } from 'vitest'
import type { Quirks } from '../../../infra/simulator/options.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

async function atSimulator(quirks: Partial<Quirks> = {}) {
  const at = await worldAtSimulator({ simulator: { quirks } })
  const runs = async (args: object) =>
    resultOf(await at.world.call('list_scanner_runs', { ...args })) as unknown as Runs
  return { ...at, runs }
}

interface Runs {
  readonly total: number
  readonly total_is_whole: boolean
  readonly next_cursor: string | null
  readonly runs: readonly { history_id: number; history_uuid: string; status: string; started_at: string }[]
}

test('newest first, with dates and words of the scanner, page by page while runs come', async () => {
  const { people, runs } = await atSimulator()
  const id = people.makeScan({ name: 'Weekly' })
  const history = [...people.ranBefore(id, { times: 3 }), ...people.ranBefore(id, { times: 1, status: 'canceled' })]
  const first = await runs({ scanner_scan_id: id, limit: 3 })
  expect(first).toMatchObject({ name: 'Weekly', total: 4, total_is_whole: true })
  expect(first.runs.map(({ status }) => status)).toEqual(['canceled', 'completed', 'completed'])
  expect(Date.parse(first.runs[1]!.started_at)).toBeGreaterThan(Date.parse(first.runs[2]!.started_at))
  people.ranBefore(id, { times: 1 })
  people.deleteRun(id, history[1]!)
  const second = await runs({ scanner_scan_id: id, limit: 3, cursor: first.next_cursor })
  expect(second.next_cursor).toBeNull()
  expect([...first.runs, ...second.runs].map((run) => run.history_id)).toEqual(history.toReversed())
})

test('a scan that never ran has no runs; one that is not there is refused', async () => {
  const { world, people, runs } = await atSimulator()
  const id = people.makeScan()
  expect(await runs({ scanner_scan_id: id })).toMatchObject({ total: 0, runs: [] })
  expect(refusalOf(await world.call('list_scanner_runs', { scanner_scan_id: 999 }))).toMatchObject({
    code: 'not_found',
  })
})

test('where the scanner tells no history, the newest run is said to be the least there is', async () => {
  const { people, runs } = await atSimulator({ tellsHistory: false })
  const id = people.makeScan()
  people.ranBefore(id, { times: 2 })
  const answer = await runs({ scanner_scan_id: id })
  expect(answer).toMatchObject({ total: 1, total_is_whole: false })
  expect(answer.runs[0]).toMatchObject({ history_id: null, status: 'completed' })
})
