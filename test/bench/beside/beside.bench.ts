/**
 * What another caller's get_scan_status takes, through a gateway and a worker of
 * their own processes, beside one caller at its worst; as a ratio to the same
 * call alone, and beside the same done to an older build.
 *
 *   npm run build && BASE=/path/to/an/older/build npx vitest run --config vitest.bench.config.ts test/bench/beside
 *
 * Caller, worst caller, gateway, worker and Redis share the machine's
 * processors. Without `BASE` the older build is left out; `KIND=waits` tries one kind alone.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { entryFor, openTestLab, type Lab } from '../../support/lab.ts'
import type { Program } from '../../support/processes.ts'
import { quantile } from '../load/process-eye.ts'

const FINDINGS = Number(process.env['FINDINGS'] ?? 240_000)
const HOSTS = 400
const WINDOW_MS = Number(process.env['SECONDS'] ?? 10) * 1000
const PAUSE_MS = 5
const CALL_MAX_MS = 30_000
/** The memory limits of infra/deploy/kubernetes, in MiB. */
const LIMITS = { gateway: 512, worker: 1024 }
const KINDS = [
  'fields of 64 KiB',
  '50 readers of all findings',
  '2,000 waits',
  '200 uploads broken off',
  '10,000 calls at once',
  '50 answers of 8 MiB',
].filter((kind) => kind.includes(process.env['KIND'] ?? ''))
/** Elsewhere the worst caller has a machine of its own: here it takes what the others leave, which is enough to keep it going. */
const WORST_PRIORITY = 10
const WORST = fileURLToPath(new URL('worst.mjs', import.meta.url))
const base = process.env['BASE']

const versions = [
  { version: 'this build', main: undefined },
  ...(base === undefined ? [] : [{ version: 'the older build', main: join(base, 'dist', 'infra', 'main.js') }]),
]

test.each(versions)('get_scan_status beside a caller at its worst: $version', async ({ version, main }) => {
  const finished: (() => unknown)[] = []
  const lab = openTestLab({ onTestFinished: (end) => void finished.push(() => end({ task: {} } as never)) })
  try {
    const system = await start(lab, main)
    const alone = await timesOf(system)
    const rows = [{ ...row('nothing else', alone, alone), 'gateway, MiB': await takePeak(system.gateway) }]
    for (const kind of KINDS) {
      const worst = spawn(process.execPath, [WORST, kind, system.url, 'worst-token', system.done, system.running], {
        stdio: 'ignore',
      })
      if (worst.pid !== undefined) setPriority(worst.pid, WORST_PRIORITY)
      await sleep(1000)
      const times = await timesOf(system)
      worst.kill('SIGKILL')
      await once(worst, 'close')
      rows.push({ ...row(kind, times, alone), 'gateway, MiB': await takePeak(system.gateway) })
      await sleep(3000)
    }
    console.log(version)
    console.table(rows)
    const peak = { gateway: Math.max(...rows.map((each) => each['gateway, MiB'])), worker: await peakOf(system.worker) }
    console.log('most memory, MiB', peak, 'limits', LIMITS, 'alive', system.gateway.running, system.worker.running)
    const kept = {
      alive: system.gateway.running && system.worker.running,
      memory: peak.gateway < LIMITS.gateway && peak.worker < LIMITS.worker,
    }
    expect(main === undefined ? kept : 'not judged').toEqual(
      main === undefined ? { alive: true, memory: true } : 'not judged',
    )
  } finally {
    for (const end of finished) await end()
  }
})

interface System {
  readonly url: string
  readonly done: string
  readonly running: string
  readonly gateway: Program
  readonly worker: Program
}

async function start(lab: Lab, main: string | undefined): Promise<System> {
  const imports = join(lab.folder, 'imports')
  await mkdir(imports)
  await writeReport(join(imports, 'large.nessus'))
  const tokens = join(lab.folder, 'tokens')
  const entry = (name: string) => ({
    name,
    sha256: createHash('sha256').update(`${name}-token`).digest('hex'),
    scopes: ['scan:run'],
  })
  // JSON is YAML.
  await writeFile(tokens, JSON.stringify([entry('worst'), entry('other')]), { mode: 0o600 })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '3600'])
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const env = { REDIS_URL: redis.url, IMPORT_DIR: imports, AUTH_TOKENS_FILE: tokens }
  const own = main === undefined ? {} : { main }
  const { url, program: gateway } = await lab.gateway('gateway', { ...env, ...heapOf(LIMITS.gateway) }, own)
  const worker = await lab.worker('worker', { ...env, ...heapOf(LIMITS.worker) }, own)
  const imported = await call(url, 'import_scan', { path: 'large.nessus' })
  const started = await call(url, 'run_untrusted_scan', { targets: '192.0.2.1', name: 'long' })
  return { url, gateway, worker, done: String(imported['task_id']), running: String(started['task_id']) }
}

/** Node takes half of a container's memory for its heap; here it is told the same. */
const heapOf = (limit: number) => ({ NODE_OPTIONS: `--max-old-space-size=${limit / 2}` })

async function call(url: string, tool: string, args: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: 'Bearer other-token' },
    body: JSON.stringify(args),
    signal: AbortSignal.timeout(tool === 'import_scan' ? 600_000 : CALL_MAX_MS),
  })
  if (!response.ok) throw new Error(`${tool}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

/** How long each call took within the window; one that was refused or gave up counts with what it took, and is told. */
async function timesOf({ url, done }: System): Promise<{ times: number[]; failed: number }> {
  const times: number[] = []
  let failed = 0
  const endMs = performance.now() + WINDOW_MS
  while (performance.now() < endMs) {
    const startMs = performance.now()
    await call(url, 'get_scan_status', { task_id: done }).catch(() => failed++)
    times.push(performance.now() - startMs)
    await sleep(PAUSE_MS)
  }
  return { times, failed }
}

function row(beside: string, { times, failed }: Awaited<ReturnType<typeof timesOf>>, alone: { times: number[] }) {
  const p99 = quantile(times, 0.99)
  const round = (ms: number) => Math.round(ms * 10) / 10
  return {
    beside,
    calls: times.length,
    failed,
    p50: round(quantile(times, 0.5)),
    p99: round(p99),
    max: round(Math.max(...times)),
    'p99 / alone': round(p99 / quantile(alone.times, 0.99)),
  }
}

/** The most memory a process had since it was last asked. */
async function takePeak(program: Program): Promise<number> {
  const peak = await peakOf(program)
  await writeFile(`/proc/${program.pid}/clear_refs`, '5').catch(() => {})
  return peak
}

/** The most memory a process ever had. Linux only. */
async function peakOf({ pid }: Program): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024)
}

async function writeReport(path: string): Promise<void> {
  const file = createWriteStream(path)
  const write = async (text: string) => {
    if (!file.write(text)) await once(file, 'drain')
  }
  await write('<?xml version="1.0"?><NessusClientData_v2><Report name="large">')
  for (let host = 0; host < HOSTS; host++) {
    const address = `10.0.${host >> 8}.${host & 255}`
    const items = Array.from({ length: FINDINGS / HOSTS }, (_, n) => {
      const head = `port="${n}" svc_name="www" protocol="tcp" severity="${n % 5}" pluginID="${10_000 + n}" pluginName="Plugin ${n}" pluginFamily="General"`
      return `<ReportItem ${head}><description>What plugin ${n} is about.</description><solution>Update.</solution><plugin_output>Seen on ${address}: ${n}</plugin_output></ReportItem>`
    })
    await write(`<ReportHost name="${address}"><HostProperties><tag name="host-ip">${address}</tag></HostProperties>`)
    await write(`${items.join('\n')}</ReportHost>`)
  }
  await write('</Report></NessusClientData_v2>')
  file.end()
  await once(file, 'finish')
}
