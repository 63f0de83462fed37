// Builds one store in a process of its own, so that its peak memory is its own. usage: node build-once.mjs DIST_BUILD REPORT STORE [neighbour]
import { createReadStream } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

const [module, report, storePath, withNeighbour] = process.argv.slice(2)
const { buildStore } = await import(module)
// A neighbour in the same process: five turns of the event loop, as a small request takes, over and over.
const waits = []
let done = withNeighbour === undefined
const neighbour = (async () => {
  while (!done) {
    const asked = performance.now()
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    waits.push(performance.now() - asked)
    await sleep(2)
  }
})()
const delay = monitorEventLoopDelay({ resolution: 1 })
if (!done) delay.enable()
const start = performance.now()
const chunks = createReadStream(report, { highWaterMark: 1024 * 1024 })
const facts = await buildStore({ storePath, chunks, expectation: {} })
const ms = performance.now() - start
done = true
await neighbour
waits.sort((a, b) => a - b)
const p99Ms = waits[Math.floor(waits.length * 0.99)] ?? 0
const peakMb = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ ms, peakMb, findings: facts.total_findings, p99Ms, worstMs: delay.max / 1e6 }))
