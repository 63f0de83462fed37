/** Goal: a data directory that was taken away is trouble with the disk, and nothing in it is called missing meanwhile. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDataFolder } from '../../lib/base/data-folder.ts'
import { diskTrouble } from '../../lib/base/disk-trouble.ts'
import { silentLog } from '../../lib/base/log.ts'
import { makeScanFiles } from '../../lib/gateway/scan-files.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { makeSnapshots } from '../../lib/scans/snapshots.ts'
import { makeScannerLog } from '../../infra/processes/scanner-log.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'

const troubleIn = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => diskTrouble(error) ?? String(error),
  )

async function place(): Promise<{ above: string; dataDir: string }> {
  const root = await mkdtemp(join(tmpdir(), 'nessus-mcp-folder-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const above = join(root, 'above')
  const dataDir = join(above, 'data')
  await mkdir(dataDir, { recursive: true })
  return { above, dataDir }
}

const WAYS: [string, (at: { above: string; dataDir: string }) => Promise<void>, RegExp][] = [
  ['removed', ({ dataDir }) => rm(dataDir, { recursive: true }), /^is gone: mount it again, or make the folder/],
  ['moved away with what is above it', ({ above }) => rename(above, `${above}.away`), /^is gone: mount it again/],
  [
    'replaced by a file',
    async ({ dataDir }) => {
      await rm(dataDir, { recursive: true })
      await writeFile(dataDir, '')
    },
    /^is no folder/,
  ],
]

test.each(WAYS)(
  'a data directory that was %s: every port says so, and makes nothing in its place (DF1, DF2)',
  async (_, away, says) => {
    const at = await place()
    const { dataDir } = at
    const reports = makeReports({ dataDir, cacheBytesMax: 1_000_000, log: silentLog })
    const snapshots = makeSnapshots(dataDir, () => 'ff')
    const files = makeScanFiles(dataDir)
    await away(at)
    const bytes = async function* () {
      yield Buffer.from('x')
    }
    const limits = { bytesMax: 10 }
    const works: Record<string, () => Promise<unknown>> = {
      'receive a report': () => reports.receive(TASK, bytes(), limits),
      'read a report': () => reports.build(TASK),
      'ask a report': () => reports.query(TASK, { page: 1 }),
      'hand out a report': () => reports.openNative(TASK),
      'tell of a report': () => reports.native(TASK),
      'remove a report': () => reports.remove(TASK),
      'write a snapshot': () => snapshots.write(queuedScan()),
      'list snapshots': () => snapshots.list(),
      'read a snapshot': () => snapshots.read(TASK),
    }
    for (const [what, work] of Object.entries(works)) {
      expect({ what, trouble: await troubleIn(work()) }).toEqual({ what, trouble: expect.stringMatching(says) })
    }
    const refused = { code: 'unavailable', message: expect.stringMatching(/^The data directory is (gone|no folder)/) }
    await expect(files.receive(bytes(), 10)).rejects.toMatchObject(refused)
    await expect(files.native(TASK)).rejects.toMatchObject(refused)
    await expect(files.check()).rejects.toThrow(/data directory|is a file/)
    await makeScannerLog(dataDir, silentLog)(TASK, 'a line')
    expect(existsSync(join(dataDir, TASK))).toBe(false)
  },
)

test('a data directory that is there is not blamed for a file that is not', async () => {
  const { dataDir } = await place()
  const reports = makeReports({ dataDir, cacheBytesMax: 1_000_000, log: silentLog })
  await expect(reports.build(TASK)).rejects.toMatchObject({ code: 'not_found' })
  expect(await makeSnapshots(dataDir, () => 'ff').read(TASK)).toBeUndefined()
  expect(await makeScanFiles(dataDir).native(TASK)).toBeUndefined()
})

test('one that was made anew is used', async () => {
  const at = await place()
  const snapshots = makeSnapshots(at.dataDir, () => 'ff')
  await rm(at.dataDir, { recursive: true })
  await expect(snapshots.write(queuedScan())).rejects.toThrow(/is gone/)
  await mkdir(at.dataDir)
  expect(await snapshots.write(queuedScan())).toBe(true)
})

test('a disk that was unmounted is told from its empty mount point, one that never was a mount is not', async () => {
  const disks = { '/data': 7, '/': 1 } as Record<string, number>
  const stat = async (path: string) => ({ dev: disks[path]!, isDirectory: () => true })
  const folder = makeDataFolder('/data', stat)
  await folder.isThere()
  disks['/data'] = 1
  expect(await troubleIn(folder.isThere())).toMatch(/^is not mounted any more/)
  disks['/data'] = 9
  await folder.isThere()

  const plain = makeDataFolder('/data', async () => ({ dev: 1, isDirectory: () => true }))
  await plain.isThere()
  await plain.isThere()
})
