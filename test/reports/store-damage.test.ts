/** Goal: the store is a cache of the report. Whatever happens to it, answers stay right; while it is written, no half of it is seen. */
import { readdirSync } from 'node:fs'
import { readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelled } from './support/labelled.ts'
import { silentLog } from '../../lib/base/log.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { makeByteCache } from '../../lib/reports/store/byte-cache.ts'
import { StoreUnusable } from '../../lib/reports/store/format.ts'
import { openStore } from '../../lib/reports/store/store-reader.ts'
import { generateReport } from './support/generated-report.ts'
import { makeRandom } from './support/random.ts'
import { openWorkshop, taskIdOf } from './support/workshop.ts'
import { findingLines, writtenReport } from './support/written-report.ts'

const { xml } = generateReport(makeRandom(7))
const query = { page: 0, profile: 'full' }

test('a byte changed anywhere in the store never changes an answer', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(xml)
  const right = (await workshop.reports.query(taskId, query)).text
  const path = join(workshop.dataDir, taskId, 'findings.store')
  const whole = await readFile(path)
  for (let at = 0; at < whole.length; at += 37) {
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x5a, at)
    await writeFile(path, damaged)
    const fresh = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 1_000_000, log: silentLog })
    const { text } = await fresh.query(taskId, query)
    labelled(`byte ${at}`, () => expect(text).toBe(right))
  }
})

test.each<[string, (path: string) => Promise<void>]>([
  ['missing', (path) => rm(path)],
  ['empty', (path) => truncate(path, 0)],
  ['cut short', (path) => truncate(path, 400)],
  ['of another format', (path) => writeFile(path, 'x'.repeat(5000))],
])('a store that is %s is rebuilt with what was asked of the scan (RP2)', async (_, harm) => {
  const warnings: string[] = []
  await using workshop = await openWorkshop({ ...silentLog, warn: (message) => warnings.push(message) })
  const taskId = await workshop.put(xml)
  const facts = await workshop.reports.build(taskId, {
    credentialsAsked: 'none',
    targets: { count: 9, list: ['10.9.9.9'] },
  })
  await harm(join(workshop.dataDir, taskId, 'findings.store'))
  const fresh = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 1_000_000, log: silentLog })
  expect(await fresh.facts(taskId)).toEqual(facts)
  expect(await workshop.reports.facts(taskId)).toEqual(facts)
})

test('a report that was replaced answers for itself, also when it is as long as before (RP1)', async () => {
  await using workshop = await openWorkshop()
  const { reports } = workshop
  const taskId = taskIdOf(0xabc)
  const host = async (name: string): Promise<unknown> => {
    const bytes = Buffer.from(writtenReport([{ name, items: [{ severity: 1 }] }]))
    await reports.receive(
      taskId,
      (async function* () {
        yield bytes
      })(),
      { bytesMax: 1_000_000 },
    )
    return findingLines((await reports.query(taskId, { customFields: ['host'] })).text)[0]?.['host']
  }
  expect(await host('a1')).toBe('a1')
  expect(await host('a2')).toBe('a2')
})

test('concurrent questions share one build, and no temporary file is left', async () => {
  const told: string[] = []
  await using workshop = await openWorkshop({ ...silentLog, info: (message) => told.push(message) })
  const taskId = await workshop.put(xml)
  const answers = await Promise.all(Array.from({ length: 8 }, () => workshop.reports.query(taskId, query)))
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
  expect(told).toEqual(['findings store built'])
  expect(readdirSync(join(workshop.dataDir, taskId)).toSorted()).toEqual(['findings.store', 'scan_native.nessus'])
})

test('a tiny cache changes no answer', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(xml)
  const right = (await workshop.reports.query(taskId, query)).text
  const poor = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 0, log: silentLog })
  expect((await poor.query(taskId, query)).text).toBe(right)
})

test('the cache never holds more than its bytes, and drops the stalest first (BC1, BC2)', () => {
  const cache = makeByteCache<string>(100)
  cache.set('a', 'A', 40)
  cache.set('b', 'B', 40)
  expect(cache.get('a')).toBe('A')
  cache.set('c', 'C', 40)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.bytes]).toEqual(['A', undefined, 'C', 80])
  cache.set('d', 'D', 101)
  expect(cache.get('d')).toBeUndefined()
  cache.drop('a')
  expect(cache.bytes).toBe(40)
})

test('a byte changed anywhere in the footer makes the store unusable, not differently read', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(xml)
  await workshop.reports.facts(taskId)
  const path = join(workshop.dataDir, taskId, 'findings.store')
  const whole = await readFile(path)
  const footer = whole.readUInt32LE(whole.length - 16)
  for (let at = whole.length - 16 - footer; at < whole.length; at += 5) {
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at)
    await writeFile(path, damaged)
    await expect(openStore(path)).rejects.toThrow(StoreUnusable)
  }
})

test('a stream that meets damage breaks off, and the next one is right', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(xml)
  const read = async (): Promise<string> => {
    let text = ''
    for await (const part of workshop.reports.stream(taskId, query)) text += part
    return text
  }
  const right = await read()
  const path = join(workshop.dataDir, taskId, 'findings.store')
  const damaged = await readFile(path)
  damaged.writeUInt8(damaged.readUInt8(20) ^ 1, 20)
  await writeFile(path, damaged)
  const fresh = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 1_000_000, log: silentLog })
  const readAgain = async (): Promise<string> => {
    let text = ''
    for await (const part of fresh.stream(taskId, query)) text += part
    return text
  }
  await expect(readAgain()).rejects.toThrow('text block 0 is damaged')
  expect(await readAgain()).toBe(right)
})

test.each([
  ['of another length', 'a longer name'],
  ['of the same length', 'i'],
])('a store is not asked of a report that was changed on disk since: one %s', async (_, name) => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([{ name: 'h', items: [{ severity: 1 }] }]))
  await workshop.reports.build(taskId)
  const native = join(workshop.dataDir, taskId, 'scan_native.nessus')
  await writeFile(native, writtenReport([{ name, items: [{ severity: 1 }] }]))
  const later = new Date(Date.now() + 60_000)
  await utimes(native, later, later)
  const fresh = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 1_000_000, log: silentLog })
  expect(findingLines((await fresh.query(taskId, query)).text).map(({ host }) => host)).toEqual([name])
})
