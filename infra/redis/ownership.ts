/**
 * At most one process runs a Redis on a folder: two servers writing one
 * append-only file would destroy it.
 *
 * The owner is named by the file `owner-<n>.json` with the highest n.
 * 1. A file is made with exclusive creation, so one of several starters gets n + 1.
 * 2. n + 1 is taken only when the owner n has given up or its process is gone.
 *    A process of another host or container cannot be looked up: there the
 *    server's own answer on its socket decides.
 * 3. An owner never deletes its own file (a starter that read it before would
 *    count from an older state); it marks it released. The next owner deletes it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { PermanentError } from '../../lib/base/errors.ts'
import { processIdentity } from './process-identity.ts'

const Owner = v.object({
  pid: v.pipe(v.number(), v.integer()),
  identity: v.string(),
  host: v.string(),
  released: v.boolean(),
})
type Owner = v.InferOutput<typeof Owner>

const TRIES_MAX = 40
const TRY_WAIT_MS = 25

/** Another live process has the folder: whoever can do with what that one runs may join it. */
export class FolderInUse extends PermanentError {}

export interface Ownership {
  /** Lets others take the folder. */
  release(): void
}

/**
 * Takes `folder` for this process; `answers` tells whether a server answers there. Throws FolderInUse that names the
 * owner when another live process has it.
 */
export async function takeOwnership(folder: string, answers: () => Promise<boolean>): Promise<Ownership> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const numbers = ownerNumbers(folder)
    const newest = numbers.at(-1) ?? 0
    const owner = newest === 0 ? undefined : readOwner(folder, newest)
    // An unreadable file is being written at this moment, or its writer died in the act: only time tells.
    const unsettled = newest > 0 && owner === undefined && attempt < TRIES_MAX - 1
    if (!unsettled) {
      if (owner && (await isAlive(owner, answers))) throw inUse(folder, owner)
      if (create(folder, newest + 1)) return own(folder, newest + 1)
    }
    await sleep(TRY_WAIT_MS)
  }
  throw new Error(`${folder}: several processes start here at once; try again`)
}

/** Whether a live process has `folder`. One that is being taken at this moment may count as free: taking it tells. */
export async function isOwned(folder: string, answers: () => Promise<boolean>): Promise<boolean> {
  const newest = existsSync(folder) ? ownerNumbers(folder).at(-1) : undefined
  if (newest === undefined) return false
  const owner = readOwner(folder, newest)
  return owner !== undefined && isAlive(owner, answers)
}

function own(folder: string, number: number): Ownership {
  for (const older of ownerNumbers(folder)) if (older < number) rmSync(ownerFile(folder, older), { force: true })
  return {
    release: () => {
      if (ownerNumbers(folder).at(-1) === number) writeOwner(folder, number, { released: true, flag: 'w' })
    },
  }
}

function create(folder: string, number: number): boolean {
  try {
    writeOwner(folder, number, { released: false, flag: 'wx' })
    // A starter that was suspended since it looked may find its number free again, below that of a newer owner.
    const newest = ownerNumbers(folder).at(-1) === number
    if (!newest) rmSync(ownerFile(folder, number), { force: true })
    return newest
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function writeOwner(folder: string, number: number, { released, flag }: { released: boolean; flag: 'w' | 'wx' }): void {
  const owner: Owner = { pid: process.pid, identity: processIdentity(process.pid) ?? '', host: hostname(), released }
  writeFileSync(ownerFile(folder, number), JSON.stringify(owner), { flag, mode: 0o600 })
}

function readOwner(folder: string, number: number): Owner | undefined {
  try {
    const result = v.safeParse(Owner, JSON.parse(readFileSync(ownerFile(folder, number), 'utf8')))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

async function isAlive(owner: Owner, answers: () => Promise<boolean>): Promise<boolean> {
  if (owner.released) return false
  return owner.host === hostname() ? processIdentity(owner.pid) === owner.identity : answers()
}

function inUse(folder: string, { pid, host }: Owner): FolderInUse {
  return new FolderInUse(
    `${folder} is in use by process ${pid} on ${host}, which is running: stop it, or give this one another DATA_DIR. ` +
      `To share its Redis instead, set REDIS_URL to the unix:// address it printed at start`,
  )
}

function ownerNumbers(folder: string): number[] {
  const numbers = readdirSync(folder).map((name) => Number(/^owner-(\d{1,9})\.json$/.exec(name)?.[1] ?? 0))
  return numbers.filter((number) => number > 0).sort((a, b) => a - b)
}

function ownerFile(folder: string, number: number): string {
  return join(folder, `owner-${number}.json`)
}
