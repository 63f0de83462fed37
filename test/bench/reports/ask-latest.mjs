// Asks questions over the latest looks, in a process of its own, so that its peak memory is its own.
// usage: node ask-latest.mjs DIST DATA_DIR SCANS index|reports
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROUNDS = Number(process.env.ROUNDS ?? 11)
const CACHE_BYTES_MAX = Number(process.env.CACHE_MB ?? 192) * 1024 * 1024
const [dist, dataDir, scans, from] = process.argv.slice(2)
const { makeReports } = await import(join(dist, 'lib/reports/reports.js'))
const { checkQuestion } = await import(join(dist, 'lib/reports/question/question.js'))
const log = { debug() {}, info() {}, warn: (...said) => console.error(...said), error() {} }
const reports = makeReports({ dataDir, cacheBytesMax: CACHE_BYTES_MAX, log })
const questions = JSON.parse(readFileSync(join(import.meta.dirname, 'questions.json'), 'utf8'))
const named = Array.from({ length: Number(scans) }, (_, scan) => ({
  task_id: `ns_bench_20250101_000000_${scan.toString(16).padStart(8, '0')}`,
  scan: `scan ${scan}`,
}))

async function ask(question) {
  if (from === 'index') return (await reports.askLatest(named, question)).answer
  // As it was before there was an index.
  const looks = []
  for (const scan of named) {
    const { started_at } = await reports.facts(scan.task_id)
    looks.push({ taskId: scan.task_id, look: { ...scan, at: started_at } })
  }
  return reports.ask(looks, question, { latest: true })
}

const times = []
const answers = []
const rss = []
for (const { name, ask: asked } of questions) {
  const ms = []
  const cpu = []
  for (let round = 0; round < (from === 'index' ? ROUNDS : 1); round++) {
    const start = performance.now()
    const before = process.cpuUsage()
    const answer = await ask(checkQuestion(asked))
    const used = process.cpuUsage(before)
    ms.push(performance.now() - start)
    // What it takes of a processor, which a busy machine changes least.
    cpu.push((used.user + used.system) / 1000)
    if (round === 0) answers.push(answer)
  }
  const [first] = ms
  ms.sort((a, b) => a - b)
  cpu.sort((a, b) => a - b)
  times.push({ name, first, p50: ms[ms.length >> 1], worst: ms.at(-1), cpu: cpu[cpu.length >> 1], n: answers.at(-1).n })
  rss.push(Math.round(process.memoryUsage().rss / 1e6))
}
console.log(JSON.stringify({ times, answers, rss, peakMb: process.resourceUsage().maxRSS / 1024 }))
