/**
 * The store and its questions beside DuckDB on the same rows: time, memory, and
 * what is on disk. DuckDB is no dependency of this project:
 *
 *   npm install --no-save @duckdb/node-api && npm run build
 *   npx vitest run --config vitest.bench.config.ts test/bench/reports/engine
 *
 * `DUCKDB=<path of the module>` takes it from elsewhere. Skipped without it, and without the sample report.
 */
import { execFileSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, expect, test } from 'vitest'
import { silentLog } from '../../../lib/base/log.ts'
import { makeReports } from '../../../lib/reports/reports.ts'
import { growReport } from './grown-report.ts'

const SOURCE = '../shared/data/goad.nessus'
const HERE = 'test/bench/reports'
const TASK = 'ns_bench_20250101_000000_00000001'
const ROUNDS = 3
const HOSTS = Number(process.env['HOSTS'] ?? 500)

function duckDb(): string | undefined {
  const given = process.env['DUCKDB']
  try {
    return given ?? createRequire(import.meta.url).resolve('@duckdb/node-api')
  } catch {
    return undefined
  }
}

interface Asked {
  readonly times: readonly {
    readonly name: string
    readonly first: number
    readonly p50: number
    readonly rows: number
  }[]
  readonly peakMb: number
}

const ask = (...args: string[]): Asked =>
  JSON.parse(execFileSync('node', [join(HERE, 'ask-once.mjs'), ...args], { encoding: 'utf8' })) as Asked
const mb = (path: string): number => statSync(path).size / 1e6
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const module = duckDb()
const dataDir = mkdtempSync(join(tmpdir(), 'bench-engine-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

test.skipIf(!existsSync(SOURCE) || module === undefined)('questions over one large report, beside DuckDB', async () => {
  const folder = join(dataDir, TASK)
  mkdirSync(folder)
  await growReport(SOURCE, join(folder, 'scan_native.nessus'), HOSTS)
  const reports = makeReports({ dataDir, cacheBytesMax: 64 * 1024 * 1024, log: silentLog })
  await reports.build(TASK)
  const lines = join(dataDir, 'findings.ndjson')
  const database = join(dataDir, 'findings.duckdb')
  await pipeline(Readable.from(findingLines(reports.stream(TASK, { profile: 'full' }))), createWriteStream(lines))
  load(module!, lines, database)

  const ours: Asked[] = []
  const theirs: Asked[] = []
  // In turns, so that a busy machine is unfair to both.
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(ask('ours', resolve('dist'), dataDir, TASK))
    theirs.push(ask('duckdb', module!, database))
  }
  const rows = ours[0]!.times.map(({ name }, at) => {
    const pick = (all: readonly Asked[], key: 'first' | 'p50'): number => median(all.map((one) => one.times[at]![key]))
    return {
      question: name,
      'p50 ms': pick(ours, 'p50').toFixed(1),
      'DuckDB ms': pick(theirs, 'p50').toFixed(1),
      ratio: (pick(ours, 'p50') / pick(theirs, 'p50')).toFixed(2),
      'first ms': pick(ours, 'first').toFixed(0),
      'DuckDB first ms': pick(theirs, 'first').toFixed(0),
    }
  })
  console.table(rows)
  const peak = { ours: median(ours.map(({ peakMb }) => peakMb)), duckdb: median(theirs.map(({ peakMb }) => peakMb)) }
  console.log('peak MB', peak, 'on disk MB', { ours: mb(join(folder, 'findings.store')), duckdb: mb(database) })
  // The same questions, or the figures mean nothing.
  expect(ours[0]!.times.map(({ rows }) => rows)).toEqual(theirs[0]!.times.map(({ rows }) => rows))
})

/** The findings alone: the first line of an answer tells of the scan. */
async function* findingLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  for await (const piece of pieces) {
    const lines = (text + piece).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('{"id":') || line.includes('"plugin_id":')) yield `${line}\n`
  }
}

function load(module: string, lines: string, database: string): void {
  const sql = `CREATE TABLE findings AS SELECT
    host, os, port::INT AS port, protocol, svc_name, plugin_id::INT AS plugin_id, plugin_name, plugin_family,
    severity::INT AS severity, severity_name, cvss3_base_score, exploit_available, cve, solution, plugin_output,
    coalesce(compliance, false) AS compliance
    FROM read_json('${lines}', format='newline_delimited', maximum_object_size=33554432, union_by_name=true,
      columns={host:'VARCHAR', os:'VARCHAR', port:'INT', protocol:'VARCHAR', svc_name:'VARCHAR', plugin_id:'INT',
        plugin_name:'VARCHAR', plugin_family:'VARCHAR', severity:'INT', severity_name:'VARCHAR',
        cvss3_base_score:'DOUBLE', exploit_available:'BOOLEAN', cve:'VARCHAR[]', solution:'VARCHAR',
        plugin_output:'VARCHAR', compliance:'BOOLEAN'})`
  const program = `import(${JSON.stringify(module)}).then(async ({ DuckDBInstance }) => {
    const instance = await DuckDBInstance.create(${JSON.stringify(database)})
    const connection = await instance.connect()
    await connection.run(${JSON.stringify(sql)})
    connection.closeSync()
    instance.closeSync()
  })`
  execFileSync('node', ['-e', program], { encoding: 'utf8' })
}
