/**
 * Writes a report as it arrives: to a temporary neighbour, then fsync, rename,
 * fsync of the folder. What fails leaves nothing. When `archives` is set, gzip
 * is unpacked on the way and a zip is unpacked from a temporary copy.
 */
import { createHash } from 'node:crypto'
import { rm, rmdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { diskTrouble } from '../../base/disk-trouble.ts'
import { Refusal } from '../../base/errors.ts'
import { makeFolder } from '../../base/make-folder.ts'
import { atMost, type Bytes } from './at-most.ts'
import type { TaskFolder } from '../../facts/task-folder.ts'
import { createWholeFile } from './whole-file.ts'
import { unpackZip } from './zip-entry.ts'

export interface ReceiveLimits {
  /** Bytes that may arrive, and bytes that may come out of an archive. */
  readonly bytesMax: number
  /** Accept gzip and zip, told by their first bytes. */
  readonly archives?: boolean
  /** Looks at the file before it takes the place of an earlier one; what it throws keeps that one. */
  readonly check?: (path: string) => Promise<void>
}

export interface Received {
  readonly sizeBytes: number
  /** Of the report itself, unpacked. */
  readonly sha256: string
}

/** Writes `stream` as the report of `folder`. Throws a Refusal `too_large`, or a temporary error when the disk takes nothing. */
export async function receiveReport(folder: TaskFolder, stream: Bytes, limits: ReceiveLimits): Promise<Received> {
  let created = false
  try {
    created = await makeFolder(folder.path)
    const limited = atMost(stream, limits.bytesMax)
    const { first, all } = await peek(limited)
    if (limits.archives && isGzip(first)) return await writeReport(folder, gunzip(all, limits.bytesMax), limits)
    if (limits.archives && isZip(first)) {
      return await unpackZip(all, folder, limits.bytesMax, (entry) => writeReport(folder, entry, limits))
    }
    return await writeReport(folder, all, limits)
  } catch (error) {
    // Only an empty folder goes: another report may be in it already.
    if (created) await rmdir(folder.path).catch(() => {})
    throw explained(error)
  }
}

async function writeReport(folder: TaskFolder, bytes: Bytes, { check }: ReceiveLimits): Promise<Received> {
  const file = await createWholeFile(folder.native)
  const digest = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const chunk of bytes) {
      digest.update(chunk)
      sizeBytes += chunk.length
      await file.append(chunk)
    }
    await check?.(file.draft)
    // A store of the report that was there before must not answer for this one.
    await rm(folder.store, { force: true })
    await file.commit()
  } finally {
    await file.discard()
  }
  return { sizeBytes, sha256: digest.digest('hex') }
}

async function* gunzip(packed: Bytes, bytesMax: number): AsyncGenerator<Uint8Array, void, void> {
  const source = Readable.from(packed)
  const unzip = createGunzip()
  // An error of the source must reach whoever reads the unpacked bytes.
  source.once('error', (error) => unzip.destroy(error))
  try {
    yield* atMost(source.pipe(unzip), bytesMax)
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error
    throw new Refusal('invalid_argument', `the gzip file is damaged or cut short: ${String(error)}`)
  } finally {
    source.destroy()
    unzip.destroy()
  }
}

/** The first four bytes, and the whole stream again. */
async function peek(stream: AsyncGenerator<Uint8Array, void, void>): Promise<{ first: Buffer; all: Bytes }> {
  let first = Buffer.alloc(0)
  while (first.length < 4) {
    const next = await stream.next()
    if (next.done) break
    first = Buffer.concat([first, next.value])
  }
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (first.length > 0) yield first
      yield* stream
    } finally {
      await stream.return()
    }
  }
  return { first, all: all() }
}

const isGzip = (first: Buffer): boolean => first[0] === 0x1f && first[1] === 0x8b
const isZip = (first: Buffer): boolean => first.toString('latin1', 0, 4) === 'PK\u0003\u0004'

function explained(error: unknown): unknown {
  const trouble = diskTrouble(error)
  if (trouble === undefined) return error
  return new Error(`the report could not be written: the data directory ${trouble}`, { cause: error })
}
