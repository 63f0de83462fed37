/** enter: what the ledger is told when a scan has ended, and when it is deleted. */
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../../lib/base/errors.ts'
import { endedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

function worldWith(enter: () => Promise<boolean>) {
  const world = makeWorld()
  const entered: string[] = []
  Object.assign(world.reports.ledger, {
    enter: async ({ task_id }: { task_id: string }) => {
      entered.push(task_id)
      return enter()
    },
  })
  return { world, entered }
}

describe('enter', () => {
  test('enters a scan with results, once more when its event comes again', async () => {
    const { world, entered } = worldWith(async () => true)
    await world.put(endedScan({ results_summary: {} }))
    for (const id of ['one', 'two']) await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK, id })
    await world.deliver('enter')
    await world.deliver('enter')
    expect(entered).toEqual([TASK, TASK])
  })

  test('leaves a scan without results alone, and one whose report cannot be read', async () => {
    const { world, entered } = worldWith(async () => {
      throw new Refusal('conflict', 'damaged')
    })
    await world.put(runningScan())
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.deliver('enter')
    expect(entered).toEqual([])
    await world.emit('ledger.due', {}, { subject: TASK })
    expect(await world.deliver('enter')).toBe('settled')
  })

  test('waits for a disk that takes nothing, as every step does', async () => {
    const { world } = worldWith(async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
    await world.put(endedScan({ results_summary: {} }))
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    expect(await world.deliver('enter')).toBe('retried')
  })

  test('a scan that is deleted is entered first, unless the disk is full: then it goes all the same', async () => {
    const { world, entered } = worldWith(async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
    await world.put(endedScan({ results_summary: {} }))
    world.reports.texts.set(TASK, 'a report')
    await world.call('delete_scan', { task_id: TASK })
    await world.deliver('forget')
    expect(entered).toEqual([TASK])
    expect(world.reports.texts.has(TASK)).toBe(false)
  })
})
