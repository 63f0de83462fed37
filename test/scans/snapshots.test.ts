import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeSnapshots } from '../../lib/scans/snapshots.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'

let dataDir: string
let numbers = 0
const snapshots = () => makeSnapshots(dataDir, (bytes) => String((numbers += 1)).padStart(bytes * 2, '0'))

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nessus-mcp-snapshots-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

test('reads back what it wrote, and nothing where there is nothing', async () => {
  expect(await snapshots().read(TASK)).toBeUndefined()
  await snapshots().write(queuedScan())
  expect(await snapshots().read(TASK)).toEqual(queuedScan())
  expect(await readdir(join(dataDir, TASK))).toEqual(['task.json'])
})

test('an older one never replaces a newer one', async () => {
  await snapshots().write(queuedScan({ revision: 5, name: 'newer' }))
  await snapshots().write(queuedScan({ revision: 4, name: 'older' }))
  expect(await snapshots().read(TASK)).toMatchObject({ revision: 5, name: 'newer' })
})

test('one that was overtaken while it was being written gives way, and leaves no draft', async () => {
  const newer = queuedScan({ revision: 5, name: 'newer' })
  const overtaking = makeSnapshots(dataDir, () => {
    writeFileSync(join(dataDir, TASK, 'task.json'), JSON.stringify(newer))
    return '00000000'
  })
  expect(await overtaking.write(queuedScan({ revision: 4, name: 'older' }))).toBe(false)
  expect(await snapshots().read(TASK)).toEqual(newer)
  expect(await readdir(join(dataDir, TASK))).toEqual(['task.json'])
})

test('a write that fails leaves the old one whole, and no draft', async () => {
  // A folder in its place: the last step, the rename, cannot be done.
  await mkdir(join(dataDir, TASK, 'task.json', 'in the way'), { recursive: true })
  await expect(snapshots().write(queuedScan())).rejects.toThrow(/directory/i)
  expect(await readdir(join(dataDir, TASK))).toEqual(['task.json'])
})

test('a damaged one is named, and is replaced by the next', async () => {
  await snapshots().write(queuedScan())
  await writeFile(join(dataDir, TASK, 'task.json'), '{"task_id": "no"}')
  await expect(snapshots().read(TASK)).rejects.toThrow('task.json')
  await snapshots().write(queuedScan())
  expect(await snapshots().read(TASK)).toEqual(queuedScan())
})

test('lists the folders of tasks and nothing else', async () => {
  await snapshots().write(queuedScan())
  await mkdir(join(dataDir, 'incoming'))
  expect(await snapshots().list()).toEqual([TASK])
})
