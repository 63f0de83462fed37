/** Goal: a report arrives whole or not at all, packed or not, and nothing is left of what failed. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openWorkshop, taskIdOf } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

const report = Buffer.from(writtenReport([{ name: 'h', items: [{ severity: 3 }] }]))
const sha256 = createHash('sha256').update(report).digest('hex')
const taskId = taskIdOf(1)
const limits = { bytesMax: 1_000_000, archives: true }

async function* inPieces(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A zip with one directory entry per file, compressed. */
function zipOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, tail, Buffer.from(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(central.length, 4)
  end.writeUInt16LE(central.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end])
}

test.each<[string, Buffer]>([
  ['as it is', report],
  ['as gzip', gzipSync(report)],
  ['as zip', zipOf({ 'folder/scan.nessus': report, 'readme.txt': Buffer.from('x') })],
  ['as zip whose one report is named .xml', zipOf({ 'scan.xml': report })],
])('a report arrives %s', async (_, bytes) => {
  await using workshop = await openWorkshop()
  const received = await workshop.reports.receive(taskId, inPieces(bytes), limits)
  expect(received).toEqual({ sizeBytes: report.length, sha256 })
  const native = await workshop.reports.native(taskId)
  expect(native).toEqual({
    path: join(workshop.dataDir, taskId, 'scan_native.nessus'),
    sizeBytes: report.length,
    sha256,
  })
  expect((await readFile(native.path)).equals(report)).toBe(true)
  const chunks: Buffer[] = []
  for await (const chunk of await workshop.reports.openNative(taskId)) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).equals(report)).toBe(true)
  expect((await workshop.reports.facts(taskId)).severity_breakdown.high).toBe(1)
})

async function* broken(): AsyncGenerator<Uint8Array, void, void> {
  yield report.subarray(0, 100)
  throw new Error('the connection was lost')
}

const bomb = gzipSync(Buffer.alloc(3_000_000, 0x61))
test.each<[string, () => AsyncGenerator<Uint8Array, void, void>, string]>([
  ['breaks off', broken, 'the connection was lost'],
  ['is too large', () => inPieces(Buffer.alloc(1_000_001), 65_536), 'larger than 1000000 bytes'],
  ['unpacks to too much', () => inPieces(bomb, 65_536), 'larger than 1000000 bytes'],
  [
    'unpacks to too much from a zip',
    () => inPieces(zipOf({ 'a.nessus': Buffer.alloc(3_000_000) }), 65_536),
    'larger than 1000000 bytes',
  ],
  ['is cut short as gzip', () => inPieces(gzipSync(report).subarray(0, 60)), 'damaged or cut short'],
  ['is cut short as zip', () => inPieces(zipOf({ 'a.nessus': report }).subarray(0, 90)), 'damaged or cut short'],
  ['is a zip without a report', () => inPieces(zipOf({ 'a.txt': report })), '0 .nessus files'],
  ['is a workbook', () => inPieces(zipOf({ '[Content_Types].xml': report, 'xl/workbook.xml': report })), 'Excel'],
  ['is a zip of a packed report', () => inPieces(zipOf({ 'a.nessus.gz': report })), 'it holds: a.nessus.gz'],
  ['is a zip with two', () => inPieces(zipOf({ 'a.nessus': report, 'b.nessus': report })), '2 .nessus files'],
])('what %s leaves nothing', async (_, stream, message) => {
  await using workshop = await openWorkshop()
  await expect(workshop.reports.receive(taskId, stream(), limits)).rejects.toThrow(message)
  expect(readdirSync(workshop.dataDir)).toEqual([])
})

test('a failure leaves the report that was there, and its answers', async () => {
  await using workshop = await openWorkshop()
  await workshop.reports.receive(taskId, inPieces(report), limits)
  const facts = await workshop.reports.facts(taskId)
  await expect(workshop.reports.receive(taskId, broken(), limits)).rejects.toThrow('lost')
  expect(await workshop.reports.facts(taskId)).toEqual(facts)
})

test('a full disk is said in words and may be tried again', async () => {
  await using workshop = await openWorkshop()
  async function* full(): AsyncGenerator<Uint8Array, void, void> {
    yield report
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  const failure = await workshop.reports.receive(taskId, full(), limits).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'Error', message: expect.stringContaining('the data directory is full') })
})

test('archives are taken as they are unless they are asked for', async () => {
  await using workshop = await openWorkshop()
  await workshop.reports.receive(taskId, inPieces(gzipSync(report)), { bytesMax: 1_000_000 })
  await expect(workshop.reports.build(taskId)).rejects.toThrow('compressed with gzip')
  expect((await workshop.reports.native(taskId)).sizeBytes).toBe(gzipSync(report).length)
})

test('a removed task is gone, and removing it again is no error', async () => {
  await using workshop = await openWorkshop()
  await workshop.reports.receive(taskId, inPieces(report), limits)
  await workshop.reports.facts(taskId)
  await workshop.reports.remove(taskId)
  await workshop.reports.remove(taskId)
  expect(existsSync(join(workshop.dataDir, taskId))).toBe(false)
  await expect(workshop.reports.facts(taskId)).rejects.toMatchObject({ code: 'not_found' })
  await expect(workshop.reports.openNative(taskId)).rejects.toMatchObject({ code: 'not_found' })
})
