/** The files of scans as the gateway hands them out, and the place where uploads wait for their import. */
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { diskTrouble } from '../base/disk-trouble.ts'
import { makeDataFolder } from '../base/data-folder.ts'
import { Refusal } from '../base/errors.ts'
import { makeFolder } from '../base/make-folder.ts'
import { incomingFolder, taskFolder } from '../facts/task-folder.ts'

const NAME_BYTES = 16
const READ_BYTES = 65_536

export interface NativeFile {
  readonly sizeBytes: number
  /** Changes when the file does. */
  readonly tag: string
  /**
   * The bytes from `start` to `end`, inclusive. The file is opened when the first piece is asked for, and closed with
   * the last; a Refusal says that it is gone, or another one, by then.
   */
  read(range?: { start: number; end: number }): AsyncGenerator<Uint8Array, void, void>
}

export interface ScanFiles {
  /** The report as the scanner wrote it; `undefined` when there is none. */
  native(taskId: string): Promise<NativeFile | undefined>
  /** Keeps what is sent for `import_scan`, which finds it under `DATA_DIR/incoming/<name>`. Leaves nothing behind when it fails. */
  receive(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string>
  /** Throws when the data directory cannot be written to. */
  check(): Promise<void>
  discard(upload: string): Promise<void>
}

export function makeScanFiles(dataDir: string): ScanFiles {
  const incoming = incomingFolder(dataDir)
  const folder = makeDataFolder(dataDir)
  return {
    async native(taskId) {
      const path = taskFolder(dataDir, taskId).native
      const found = await stat(path).catch(async (error: NodeJS.ErrnoException) => {
        await folder.isThere().catch((cause: unknown) => {
          throw explained(cause)
        })
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (!found) return undefined
      const { size: sizeBytes } = found
      const tag = tagOf(found)
      return {
        sizeBytes,
        tag,
        read: (range = { start: 0, end: sizeBytes - 1 }) => readAs(tag, path, range),
      }
    },

    async receive(body, bytesMax) {
      const name = `${randomBytes(NAME_BYTES).toString('hex')}.upload`
      const path = join(incoming, name)
      try {
        await folder.isThere()
        await makeFolder(incoming)
        // Opened first: a file that is still being opened when the body fails would appear after it was removed.
        const file = await open(path, 'wx', 0o600)
        await pipeline(limited(body, bytesMax), file.createWriteStream())
        return name
      } catch (error) {
        await rm(path, { force: true }).catch(() => {})
        throw explained(error)
      }
    },

    async check() {
      await folder.isThere()
      await access(dataDir, constants.R_OK | constants.W_OK)
    },
    discard: (upload) => rm(join(incoming, upload), { force: true }),
  }
}

const tagOf = ({ size, mtimeMs }: Stats) => `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`

/** Reads what bears `tag`, and nothing else: headers that speak of one file must not be followed by another. */
async function* readAs(tag: string, path: string, { start, end }: { start: number; end: number }) {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? replaced() : error
  })
  try {
    if (tagOf(await file.stat()) !== tag) throw replaced()
    for (let at = start; at <= end;) {
      const wanted = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at + 1))
      const { bytesRead } = await file.read({ buffer: wanted, position: at })
      if (bytesRead === 0) throw new Error('the report became shorter while it was read')
      at += bytesRead
      yield wanted.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

const replaced = () => new Refusal('conflict', 'The report was replaced or removed just now: ask again.')

async function* limited(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    if (bytes > bytesMax) {
      throw new Refusal(
        'too_large',
        `The report may have at most ${bytesMax} bytes (IMPORT_MAX_BYTES); nothing was kept.`,
      )
    }
    yield piece
  }
}

function explained(error: unknown): unknown {
  const trouble = diskTrouble(error)
  if (trouble === undefined) return error
  return new Refusal('unavailable', `The data directory ${trouble}. Nothing was kept.`)
}
