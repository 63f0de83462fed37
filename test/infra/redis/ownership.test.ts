/** Goal: of two starters one owns the folder, however long either of them slept. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeOwnership } from '../../../infra/redis/ownership.ts'
import { processIdentity } from '../../../infra/redis/process-identity.ts'

function makeFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'nessus-mcp-owner-')), 'redis')
  mkdirSync(folder)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const file = (folder: string, number: number) => join(folder, `owner-${number}.json`)
function owner(folder: string, number: number, { host = hostname(), released = false } = {}): void {
  const identity = processIdentity(process.pid) ?? ''
  writeFileSync(file(folder, number), JSON.stringify({ pid: process.pid, identity, host, released }))
}

test('a starter that slept between its look and its claim gives way to the owner that came meanwhile', async () => {
  const folder = makeFolder()
  owner(folder, 1, { host: 'elsewhere' })
  let looks = 0
  const asleep = async () => {
    // While it sleeps here: another took number 2 and gave it up, a third took 3 and removed what was older.
    if (looks++ === 0) {
      rmSync(file(folder, 1))
      owner(folder, 3)
    }
    return false
  }
  await expect(takeOwnership(folder, asleep)).rejects.toThrow(/is in use by process/)
  expect(readdirSync(folder)).toEqual(['owner-3.json'])
})

test('an owner that gave up is followed, and its file goes', async () => {
  const folder = makeFolder()
  owner(folder, 4, { released: true })
  const taken = await takeOwnership(folder, async () => false)
  expect(readdirSync(folder)).toEqual(['owner-5.json'])
  taken.release()
  expect(existsSync(file(folder, 5))).toBe(true)
  await takeOwnership(folder, async () => false)
  expect(readdirSync(folder)).toEqual(['owner-6.json'])
})
