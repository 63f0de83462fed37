// Asks one engine the questions, in a process of its own, so that its peak memory is its own.
// usage: node ask-once.mjs ours DIST DATA_DIR TASK | node ask-once.mjs duckdb MODULE DATABASE
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROUNDS = Number(process.env.ROUNDS ?? 21)
const [engine, module, place, task] = process.argv.slice(2)
const questions = JSON.parse(readFileSync(join(import.meta.dirname, 'questions.json'), 'utf8'))

async function openOurs() {
  const { makeReports } = await import(join(module, 'lib/reports/reports.js'))
  const { checkQuestion } = await import(join(module, 'lib/reports/question/question.js'))
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const reports = makeReports({ dataDir: place, cacheBytesMax: 64 * 1024 * 1024, log })
  const looks = [{ taskId: task, look: { task_id: task, scan: 'bench', at: null } }]
  return async ({ ask }) => {
    const { rows } = await reports.ask(looks, checkQuestion(ask))
    return rows.length
  }
}

async function openDuckDb() {
  const { DuckDBInstance } = await import(module)
  const instance = await DuckDBInstance.create(place, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  return async ({ sql }) => {
    const result = await connection.runAndReadAll(sql)
    return result.getRows().length
  }
}

const answer = await (engine === 'ours' ? openOurs() : openDuckDb())
const times = []
for (const question of questions) {
  const ms = []
  let rows = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    rows = await answer(question)
    ms.push(performance.now() - start)
  }
  const first = ms[0]
  ms.sort((a, b) => a - b)
  times.push({ name: question.name, first, p50: ms[ms.length >> 1], rows })
}
console.log(JSON.stringify({ times, peakMb: process.resourceUsage().maxRSS / 1024 }))
process.exit(0)
