/**
 * A scanner in memory, under a clock of the caller's, that keeps count of what
 * was done to it. It behaves as the fact sheet says a Nessus does: a scan runs
 * once launched, cannot be launched or deleted while it runs, and stops a while
 * after it was told to.
 */
import type { Permit } from '../../lib/base/permit.ts'
import { Readable } from 'node:stream'
import { PermanentError } from '../../lib/base/errors.ts'
import { isSameName, markedName } from '../../lib/scanners/marked-name.ts'
import type { OwnRun, OwnScan } from '../../lib/scanners/own-scan.ts'
import type { ScanPhase, ScanState } from '../../lib/scanners/scan-state.ts'
import type { NewScan, Scanner, ScannerHealth, ScannerPolicy, ScannerTemplate } from '../../lib/scanners/scanner.ts'

export interface FakeScan {
  readonly id: number
  readonly marker: string
  /** As it was made; people rename. */
  name: string
  readonly asked: NewScan
  launches: number
  launchedAtMs: number | undefined
  /** How long its run takes. */
  runMs: number
  /** How its run ends by itself. */
  endsAs: 'completed' | 'aborted'
  /** When a stop takes effect. */
  stopsAtMs: number | undefined
  pausedAtMs: number | undefined
}

/** What happened to the scans of one marker, removed ones included. */
export interface Tally {
  creates: number
  launches: number
  removes: number
}

export type ScannerMethod = Exclude<keyof Scanner, 'close'>
/** Called before and after each call's effect; throws to break the call. */
export type Fault = (method: ScannerMethod, moment: 'before' | 'after') => Promise<void> | void

export interface FakeScannerOptions {
  readonly now: () => number
  /** How long a new scan will run, and how it ends. */
  readonly fate?: () => { runMs: number; endsAs: 'completed' | 'aborted' }
  readonly stopTakesMs?: number
  readonly report?: (scan: FakeScan) => string
}

export class FakeScanner implements Scanner {
  readonly scansById = new Map<number, FakeScan>()
  readonly calls: string[] = []
  fault: Fault = () => {}
  /** Which installation this is; `undefined` where it does not say. */
  server: string | undefined = 'server-1'
  health: ScannerHealth = { reachable: true, ready: true, launch: 'allowed', version: '10.8.3' }
  /** What a scan can be made from. */
  readonly offered: { templates: ScannerTemplate[]; policies: ScannerPolicy[] } = {
    templates: [{ name: 'basic', title: 'Basic', description: '', uuid: 'basic-uuid' }],
    policies: [],
  }
  exportStates: ('loading' | 'gone')[] = []
  closed = false
  readonly #tallies = new Map<string, Tally>()
  readonly #options: FakeScannerOptions
  #ids = 0

  constructor(options: FakeScannerOptions) {
    this.#options = options
  }

  tally(marker: string): Tally {
    const tally = this.#tallies.get(marker) ?? { creates: 0, launches: 0, removes: 0 }
    this.#tallies.set(marker, tally)
    return tally
  }

  /** The scans that bear this marker now. */
  marked(marker: string): FakeScan[] {
    return [...this.scansById.values()].filter((scan) => scan.marker === marker)
  }

  /** What is happening to a scan at this moment. */
  phase(scan: FakeScan): ScanPhase {
    if (scan.launchedAtMs === undefined) return 'idle'
    const now = this.#options.now()
    const endsAtMs = scan.launchedAtMs + scan.runMs
    if (scan.stopsAtMs !== undefined && scan.stopsAtMs <= now && scan.stopsAtMs <= endsAtMs) return 'canceled'
    if (scan.pausedAtMs !== undefined) return 'paused'
    return endsAtMs <= now ? scan.endsAs : 'active'
  }

  /** A scan that a person makes at the scanner, or that an earlier run of ours left. */
  add(asked: NewScan): FakeScan {
    const { marker } = asked
    this.tally(marker).creates += 1
    const fate = this.#options.fate?.() ?? { runMs: 60_000, endsAs: 'completed' as const }
    const idle = { launches: 0, launchedAtMs: undefined, stopsAtMs: undefined, pausedAtMs: undefined }
    const name = markedName(asked.name, marker)
    const scan: FakeScan = { id: ++this.#ids, marker, name, asked, ...idle, ...fate }
    this.scansById.set(scan.id, scan)
    return scan
  }

  /** Stops a run, as a person would by a click. */
  halt(scan: FakeScan): void {
    if (this.phase(scan) === 'active' || this.phase(scan) === 'paused') {
      scan.stopsAtMs ??= this.#options.now() + (this.#options.stopTakesMs ?? 1000)
      scan.pausedAtMs = undefined
    }
  }

  create(asked: NewScan, permit?: Permit) {
    return this.#call('create', () => {
      permit?.()
      const { id, name } = this.add(asked)
      return { id, name, standIn: standInOf(id) }
    })
  }

  findMarked({ name, marker }: { name: string; marker: string }) {
    return this.#call('findMarked', () => {
      const wanted = markedName(name, marker)
      return [...this.scansById.values()].filter((scan) => isSameName(scan.name, wanted)).map(({ id }) => id)
    })
  }

  async serverFacts() {
    const serverUuid = await this.serverUuid()
    return serverUuid === undefined ? {} : { serverUuid }
  }

  serverUuid() {
    return this.#call('serverUuid', () => this.server)
  }

  launch(own: OwnScan, permit?: Permit) {
    return this.#call('launch', () => {
      permit?.()
      const scan = this.#scan(own.spend('launch'))
      const phase = this.phase(scan)
      // Refused (409): the run that is under way is the answer then.
      if (phase === 'active' || phase === 'paused') return runUuid(scan)
      scan.launches += 1
      scan.launchedAtMs = this.#options.now()
      this.tally(scan.marker).launches += 1
      return runUuid(scan)
    })
  }

  state(id: number): Promise<ScanState | undefined> {
    return this.#call('state', () => {
      const scan = this.scansById.get(id)
      if (!scan) return undefined
      const phase = this.phase(scan)
      const ranMs = scan.launchedAtMs === undefined ? 0 : this.#options.now() - scan.launchedAtMs
      const progress = Math.min(100, Math.floor((100 * ranMs) / scan.runMs))
      const run = phase === 'idle' ? { standIn: standInOf(id) } : { runUuid: runUuid(scan) }
      const runs = phase === 'idle' ? [] : [{ uuid: runUuid(scan), historyId: id, phase, status: WORDS[phase] }]
      return { phase, status: WORDS[phase], progress, hosts: 1, name: scan.name, ...run, runs }
    })
  }

  stop(own: OwnScan, { kill = false } = {}) {
    return this.#call('stop', () => {
      const scan = this.scansById.get(own.spend('stop'))
      if (scan) this.halt(scan)
      if (scan && kill) scan.stopsAtMs = Math.min(scan.stopsAtMs ?? Infinity, this.#options.now())
    })
  }

  pause(own: OwnScan) {
    return this.#call('pause', () => {
      this.#scan(own.spend('pause')).pausedAtMs = this.#options.now()
    })
  }

  resume(own: OwnScan) {
    return this.#call('resume', () => {
      this.#scan(own.spend('resume')).pausedAtMs = undefined
    })
  }

  remove(own: OwnScan) {
    return this.#call('remove', () => {
      const id = own.spend('remove')
      const scan = this.scansById.get(id)
      if (!scan) return
      const phase = this.phase(scan)
      if (phase === 'active' || phase === 'paused') throw new Error(`fake: scan ${id} is running (409)`)
      this.scansById.delete(id)
      this.tally(scan.marker).removes += 1
    })
  }

  requestExport({ id }: OwnRun) {
    return this.#call('requestExport', () => `export-${this.#scan(id).id}`)
  }

  exportState(_run: OwnRun, _handle: string) {
    return this.#call('exportState', (): 'loading' | 'ready' | 'gone' => this.exportStates.shift() ?? 'ready')
  }

  download({ id }: OwnRun, _handle: string) {
    return this.#call('download', () => {
      const scan = this.#scan(id)
      return Readable.from([Buffer.from(this.#options.report?.(scan) ?? `report of ${scan.marker}`)])
    })
  }

  probe() {
    return this.#call('probe', () => this.health)
  }

  templates({ all = false } = {}) {
    return this.#call('templates', () => this.offered.templates.filter(({ obstacle }) => all || obstacle === undefined))
  }

  policies() {
    return this.#call('policies', () => this.offered.policies)
  }

  scans() {
    return this.#call('scans', () => {
      return [...this.scansById.values()].map((scan) => {
        const phase = this.phase(scan)
        return { id: scan.id, name: scan.name, status: WORDS[phase], phase }
      })
    })
  }

  async listing() {
    return { scans: await this.scans(), folders: [{ id: 3, name: 'My Scans' }] }
  }

  async close(): Promise<void> {
    this.closed = true
  }

  async #call<T>(method: ScannerMethod, effect: () => T): Promise<T> {
    this.calls.push(method)
    await this.fault(method, 'before')
    const result = effect()
    await this.fault(method, 'after')
    return result
  }

  #scan(id: number): FakeScan {
    const scan = this.scansById.get(id)
    if (!scan) throw new PermanentError(`fake: there is no scan ${id} (404)`)
    return scan
  }
}

const WORDS: Readonly<Record<ScanPhase, string>> = {
  idle: 'empty',
  active: 'running',
  paused: 'paused',
  completed: 'completed',
  canceled: 'canceled',
  aborted: 'aborted',
}

function standInOf(id: number): string {
  return `template-${id}`
}

function runUuid(scan: FakeScan): string {
  return `run-${scan.id}-${scan.launches}`
}
