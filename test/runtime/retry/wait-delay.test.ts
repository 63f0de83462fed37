/** Goal: what waits for something to come back waits ever longer, and not for ever; and a disk that takes nothing is known whatever wraps it. */
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskTrouble } from '../../../lib/base/disk-trouble.ts'
import type { Delivery } from '../../../lib/bus/bus.ts'
import { patientDelayMs } from '../../../lib/runtime/retry/wait-delay.ts'
import { removeOldFiles } from '../../../lib/reports/files/remove-old-files.ts'

const NOW = new Date('2026-01-01T12:00:00Z')
const delivery = (waitedMs?: number): Delivery => ({
  function: 'poll',
  entryId: '1-1',
  deliveries: 1,
  attempt: 1,
  firstFailureAt: waitedMs === undefined ? undefined : NOW.getTime() - waitedMs,
  event: undefined,
  raw: '',
  signal: new AbortController().signal,
})
const delay = (waitedMs?: number) =>
  patientDelayMs(delivery(waitedMs), { now: NOW, limitMs: 3_600_000, random: () => 1 })

test('the wait grows with the time waited, up to a minute, and ends with the limit', () => {
  expect([delay(), delay(40_000), delay(3_000_000), delay(3_600_001)]).toEqual([1000, 10_000, 60_000, undefined])
})

test.each([
  ['ENOSPC', /full/],
  ['EDQUOT', /quota/],
  ['EROFS', /read-only: mount it writable/],
  ['EACCES', /owner/],
  ['ENOTDIR', /no folder/],
])('a disk that takes nothing is known at the bottom of other errors, with the remedy: %s', (code, expected) => {
  const bottom = Object.assign(new Error('write failed'), { code })
  expect(diskTrouble(new Error('the report could not be written', { cause: bottom }))).toMatch(expected)
  expect(diskTrouble(bottom)).toMatch(expected)
})

test('nothing else is taken for a disk that takes nothing', () => {
  const others = ['ENOENT', 'ECONNREFUSED'].map((code) => Object.assign(new Error('failed'), { code }))
  expect([...others, new Error('other'), undefined, 'ENOSPC'].map(diskTrouble).filter(Boolean)).toEqual([])
})

test('only uploads older than the time given are removed, and a folder that is not there has none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  for (const name of ['old.upload', 'new.upload']) await writeFile(join(folder, name), '')
  await utimes(join(folder, 'old.upload'), new Date(0), new Date(0))
  await removeOldFiles(folder, new Date(1000))
  await removeOldFiles(join(folder, 'nowhere'), new Date())
  expect(await readdir(folder)).toEqual(['new.upload'])
  await rm(folder, { recursive: true })
})
