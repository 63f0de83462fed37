/**
 * Goal: what we write is what others read. Every sample report, in every format:
 *
 *   npm install --no-save exceljs inspecjs @microsoft/sarif-multitool && npm run exports
 *
 * `READERS=<folder>` takes them from the node_modules of another folder. Skipped without them, and without the samples.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { EXPORT_NAMES, type ExportName } from '../../lib/facts/export-formats.ts'
import { makeReports } from '../../lib/reports/reports.ts'

const require = createRequire(join(resolve(process.env['READERS'] ?? '.'), 'package.json'))
const SAMPLES = ['../shared/data', '../shared/cases/reports'].flatMap((folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
)
const folder = mkdtempSync(join(tmpdir(), 'exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const reports = makeReports({ dataDir: folder, cacheBytesMax: 64 * 1024 * 1024, log: silentLog })

function has(module: string): boolean {
  try {
    return require.resolve(module) !== ''
  } catch {
    return false
  }
}
const ready = SAMPLES.length > 0 && ['exceljs', 'inspecjs', '@microsoft/sarif-multitool/package.json'].every(has)

/** The export of each sample that can be read, beside its name. */
async function* all(format: ExportName): AsyncGenerator<[name: string, bytes: Buffer]> {
  for (const [at, path] of SAMPLES.filter((name) => name.endsWith('.nessus')).entries()) {
    const id = `ns_test_20260101_000000_${at.toString(16).padStart(8, '0')}`
    const pieces: Buffer[] = []
    try {
      if (!existsSync(join(folder, id))) await reports.receive(id, createReadStream(path), { bytesMax: 1e9 })
      for await (const piece of reports.export(id, { page: 0 }, format)) pieces.push(Buffer.from(piece))
    } catch {
      // No report, or nothing in it for this format: other tests see to that.
      continue
    }
    yield [path, Buffer.concat(pieces)]
  }
}

test.skipIf(!ready)('exceljs reads the cells that stand in the csv, and no formula', async () => {
  const { Workbook, ValueType } = require('exceljs')
  const tables = new Map<string, string[][]>()
  for await (const [name, bytes] of all('csv')) tables.set(name, parse(bytes))
  expect(tables.size).toBeGreaterThan(50)
  for await (const [name, bytes] of all('xlsx')) {
    const book = new Workbook()
    await book.xlsx.load(bytes)
    const rows = tables.get(name)!
    expect([name, book.worksheets[0].rowCount]).toEqual([name, rows.length])
    for (const [at, row] of rows.entries()) {
      const cells = row.map((_, column) => book.worksheets[0].getRow(at + 1).getCell(column + 1))
      expect(cells.some(({ type }) => type === ValueType.Formula)).toBe(false)
      const plain = (text: string) => text.replaceAll(/\r\n?/g, '\n').replace(/^'/, '')
      expect(cells.map(({ value }) => plain(String(value ?? '')))).toEqual(row.map(plain))
    }
  }
})

test.skipIf(!ready)("Microsoft's multitool finds nothing wrong with any sarif", async () => {
  const found: string[] = []
  let files = 0
  for await (const [name, bytes] of all('sarif')) {
    const path = join(folder, `${files++}.sarif`)
    writeFileSync(path, bytes)
    const log = join(folder, 'validated.sarif')
    const tool = join(require.resolve('@microsoft/sarif-multitool/package.json'), '..', 'bin.js')
    try {
      execFileSync('node', [tool, 'validate', path, '--output', log, '--log', 'ForceOverwrite', '--quiet', 'true'], {
        stdio: 'ignore',
      })
    } catch {
      // It ends with an error where it found one: what, its log says.
    }
    const { runs } = JSON.parse(readFileSync(log, 'utf8'))
    // Few reports tell the version of Nessus, and it is not made up.
    const own = runs[0].results.filter(({ ruleId }: { ruleId: string }) => ruleId !== 'SARIF2005')
    found.push(...own.map((result: { ruleId: string }) => `${name}: ${result.ruleId}`))
  }
  expect(files).toBeGreaterThan(50)
  expect(found).toEqual([])
})

test.skipIf(!ready)('inspecjs converts every hdf and judges each control', async () => {
  const { contextualizeEvaluation, convertFile } = require('inspecjs')
  let files = 0
  for await (const [name, bytes] of all('hdf')) {
    files++
    expect([name, Object.keys(convertFile(bytes.toString()))]).toEqual([name, ['1_0_ExecJson']])
    const [profile] = contextualizeEvaluation(JSON.parse(bytes.toString())).contains
    for (const control of profile.contains) {
      const results: { status: string }[] = control.data.results
      const has = (status: string) => results.some((result) => result.status === status)
      const expected = has('error')
        ? 'Profile Error'
        : has('failed')
          ? 'Failed'
          : has('passed')
            ? 'Passed'
            : 'Not Reviewed'
      expect([name, control.data.title, control.hdf.status]).toEqual([name, control.data.title, expected])
    }
  }
  expect(files).toBeGreaterThan(2)
})

test.skipIf(SAMPLES.length === 0)('every format holds every finding of every sample', async () => {
  const counts = new Map<string, number>()
  const count = (format: ExportName, bytes: Buffer): number => {
    const text = bytes.toString()
    switch (format) {
      case 'csv':
        return parse(bytes).length - 1
      case 'sarif':
        return JSON.parse(text).runs[0].results.length
      case 'defectdojo':
        return JSON.parse(text).findings.length
      case 'ocsf':
        return text.split('\n').filter(Boolean).length
      case 'jsonl':
        return text.split('\n').filter(Boolean).length - 2
      case 'xlsx':
      case 'hdf':
        return Number.NaN
    }
  }
  for (const format of EXPORT_NAMES.filter((name) => name !== 'xlsx' && name !== 'hdf')) {
    for await (const [name, bytes] of all(format)) {
      const known = counts.get(name) ?? count(format, bytes)
      counts.set(name, known)
      expect([name, format, count(format, bytes)]).toEqual([name, format, known])
    }
  }
  expect(counts.size).toBeGreaterThan(50)
})
