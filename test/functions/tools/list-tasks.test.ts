/** list_tasks lists scans, newest first, and counts all that fit. */
import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { queuedScan } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('goes through all of them by pages, each once', async () => {
  const world = makeWorld()
  for (const n of [1, 2, 3]) {
    const at = new Date(world.clock.ms + n * 1000).toISOString()
    await world.put(queuedScan({ task_id: `ns_one_20260301_08000${n}_00000001`, created_at: at, queued_at: at }))
  }
  const seen: string[] = []
  for (let cursor: unknown = undefined; cursor !== null;) {
    const page = resultOf(await world.call('list_tasks', { limit: 2, ...(cursor !== undefined && { cursor }) }))
    expect(page['total']).toBe(3)
    seen.push(...(page['tasks'] as { task_id: string }[]).map(({ task_id: id }) => id.slice(16, 22)))
    cursor = page['next_cursor']
  }
  expect(seen).toEqual(['080003', '080002', '080001'])
})

test('a status that no scan can have is refused', async () => {
  expect(refusalOf(await makeWorld().call('list_tasks', { status_filter: 'finished' })).code).toBe('invalid_argument')
})

test('narrows down by target and pages through', async () => {
  const world = makeWorld()
  for (const targets of ['10.0.0.0/24', '10.0.1.5', 'www.example.org']) {
    await world.call('run_untrusted_scan', { targets, name: targets })
    world.clock.ms += 1000
  }
  const names = async (args: object) => {
    const { tasks } = resultOf(await world.call('list_tasks', { ...args }))
    return (tasks as { name: string }[]).map(({ name }) => name)
  }
  expect(await names({ target_filter: '10.0.0.7' })).toEqual(['10.0.0.0/24'])
  expect(await names({ target_filter: '10.0.0.0/16' })).toEqual(['10.0.1.5', '10.0.0.0/24'])
  const first = resultOf(await world.call('list_tasks', { limit: 2 }))
  expect(first['next_cursor']).toEqual(expect.any(String))
  expect(await names({ limit: 2, cursor: first['next_cursor'] })).toEqual(['10.0.0.0/24'])
  const conflicting = { status: 'queued', status_filter: 'failed' }
  expect(refusalOf(await world.call('list_tasks', conflicting)).code).toBe('invalid_argument')
})
