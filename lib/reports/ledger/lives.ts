/**
 * The lives of all findings, as scans are entered in the order of their own dates. Pure.
 *
 *        seen                    looked for, and not there
 *   ∅ ──────▶ open ─────────────────────────────────────────▶ fixed
 *              ▲ │ not there, and not looked for                │
 *         seen │ └──▶ not_retested ◀──▶ host_gone ──▶ fixed     │ seen: returned
 *              └──────────┴───────────────┴─────────────────────┘
 *
 *   LV1. Nothing becomes fixed but by the rule of judge/looked-again.ts, at a look that surely came after the one that decided before.
 *   LV2. A finding that is seen is open, unless it was proved fixed by a look that surely came later.
 *   LV3. The same scans in the same order give the same lives, entered at once or one after the other.
 */
import { isByNameAlone, makeHostLedger } from '../hosts/host-ledger.ts'
import type { Marks } from '../hosts/marks.ts'
import { isZoned, momentOf, surelyBefore } from '../judge/report-dates.ts'
import { lookedAgain, NOT_RETESTED_ORDER, type NotRetested } from '../judge/looked-again.ts'
import { defined } from '../../base/defined.ts'
import { makeTargets } from './targets.ts'
import { type LookAtHost, ranIn } from './look-evidence.ts'
import { type LookRecord, makeNumbered } from './look-record.ts'
import {
  type LookedHow,
  type LivesState,
  type LivesTables,
  makeLifeColumns,
  type PluginSaid,
  stateNumber,
} from './lives-state.ts'

const [OPEN, NOT_RETESTED_STATE, GONE, FIXED] = (['open', 'not_retested', 'host_gone', 'fixed'] as const).map(
  stateNumber,
) as [number, number, number, number]

export interface Lives {
  /** Enters the next scan: none that was entered before may be later than it. */
  enter(record: LookRecord): void
  /** As {@link enter}, a host at a time: whoever runs it gives others their turn between two. */
  entering(record: LookRecord): Iterable<void>
  readonly state: LivesState
}

export function makeLives(before?: LivesState): Lives {
  const fold = new LivesFold(before)
  return {
    enter: (record) => {
      for (const _ of fold.entering(record));
    },
    entering: (record) => fold.entering(record),
    get state() {
      return fold.state
    },
  }
}

class LivesFold {
  readonly #tables: LivesTables
  readonly #growing: ReturnType<typeof makeLifeColumns>
  readonly #ledger: ReturnType<typeof makeHostLedger>
  readonly #plugins: Map<number, PluginSaid>
  readonly #items = makeNumbered<LivesTables['items'][number]>((item) => item.join('/'))
  readonly #bases = makeNumbered<LookedHow>((basis) => JSON.stringify(basis))
  readonly #spells: Map<number, number[]>
  /** Of each item the look in which it was found last, and how severe: looks are numbered as they come. */
  #stamps = new Uint32Array(64)
  #severities = new Uint8Array(64)
  #looks = 0

  constructor(before?: LivesState) {
    const { scans = [], hosts = [], hostSaid = [], heads = [], moved = [] } = before?.tables ?? {}
    this.#ledger = makeHostLedger(hosts)
    this.#growing = makeLifeColumns(before?.columns)
    this.#plugins = new Map(before?.tables.plugins)
    for (const item of before?.tables.items ?? []) this.#items.of(item)
    for (const basis of before?.tables.bases ?? []) this.#bases.of(basis)
    this.#spells = new Map(before?.tables.spells.map(([life, spells]) => [life, [...spells]]))
    const lists = { scans: [...scans], hostSaid: [...hostSaid], heads: [...heads], moved: [...moved] }
    this.#tables = { ...lists, hosts: [], plugins: [], spells: [], items: this.#items.all, bases: this.#bases.all }
  }

  get state(): LivesState {
    const hosts = this.#ledger.identities.map(({ key, names, marks }) => ({ key, names, marks }))
    return {
      tables: { ...this.#tables, hosts, plugins: [...this.#plugins], spells: [...this.#spells] },
      columns: this.#growing.view(),
    }
  }

  *entering(record: LookRecord): Generator<void, void, void> {
    const { scans, hostSaid, moved } = this.#tables
    const { task_id, scan, at, simulated } = record
    const scanNumber = scans.push({ task_id, scan, at, simulated }) - 1
    const sightings = this.#ledger.add(record.hosts.map(({ name, marks }) => ({ name, marks: marks as Marks })))
    const looksOf = this.#readLooks(record)
    const byIdentity = new Map<number, number[]>()
    for (const [place, { identity }] of sightings.entries()) {
      const known = byIdentity.get(identity)
      if (known) known.push(place)
      else byIdentity.set(identity, [place])
    }
    for (const [identity, places] of byIdentity) {
      const looks = places.map(looksOf)
      const [first] = looks
      if (places.some((place) => isByNameAlone(sightings[place]!))) moved[identity] = scanNumber + 1
      hostSaid[identity] = { reach: first!.later.reach, access: first!.later.access, look: scanNumber }
      this.#see(identity, looks, scanNumber)
      this.#miss(identity, looks, { scanNumber, isCutShort: !record.completed })
      yield
    }
    this.#missTargets(record, new Set(byIdentity.keys()), scanNumber)
  }

  #readLooks(record: LookRecord): (place: number) => LookAtHost {
    const { texts } = record
    const text = (place: number | null | undefined): string | undefined => texts[place ?? -1]
    for (const [id, name, family, type, cvss, vpr, epss, cves] of record.plugins) {
      const scores = { cvss: cvss ?? undefined, vpr: vpr ?? undefined, epss: epss ?? undefined }
      const named = { name: text(name) ?? '', ...defined({ family: text(family), type: text(type), ...scores }) }
      this.#plugins.set(id, { ...named, cves })
    }
    const items = record.items.map(([plugin, port, protocol, number]) =>
      this.#items.of([record.plugins[plugin]?.[0] ?? 0, port, text(protocol) ?? '', number]),
    )
    const room = this.#items.all.length
    if (room > this.#stamps.length) {
      const wider = new Uint32Array(room * 2)
      wider.set(this.#stamps)
      this.#stamps = wider
      this.#severities = new Uint8Array(room * 2)
    }
    const evidence = ranIn(record)
    return (place) => {
      const host = record.hosts[place]!
      const start = host.start ?? record.at ?? undefined
      const how = { access: host.access, portRange: text(host.ports), policy: text(host.policy) }
      const basis = this.#bases.of({ access: how.access, ...defined(how), families: record.families })
      const found = evidence.itemsOf(place)
      return {
        start,
        basis,
        later: { ...how, start, families: record.families, reach: host.reach, ...evidence.of(place) },
        items: found.map((item) => items[item] ?? 0),
        severities: found.map((item) => record.items[item]?.[4] ?? 0),
      }
    }
  }

  /** What is there is open. Only lives of this host are touched. */
  #see(identity: number, looks: readonly LookAtHost[], scan: number): void {
    const look = ++this.#looks
    for (const each of looks.toReversed()) {
      for (const [at, item] of each.items.entries()) {
        this.#stamps[item] = look
        this.#severities[item] = each.severities[at] ?? 0
      }
    }
    const known = new Set<number>()
    const holds = looks.length === 1 ? [] : looks.map(({ items }) => new Set(items))
    const { columns } = this.#growing
    for (const life of this.#livesOf(identity)) {
      const item = columns.item[life]!
      if (this.#stamps[item] !== look) continue
      known.add(item)
      const by = looks.length === 1 ? looks[0]! : (looks.find((_, at) => holds[at]?.has(item)) ?? looks[0]!)
      // It was there before it was proved gone, or before it was seen last: nothing new.
      if (surelyBefore(by.start, this.#decidedAt(life))) continue
      const state = columns.state[life]!
      if (state === FIXED) {
        columns.returned[life]!++
        const spells = this.#spells.get(life)
        const spell = [columns.since[life]!, columns.changed[life]!]
        if (spells) spells.push(...spell)
        else this.#spells.set(life, spell)
      }
      if (state !== OPEN) columns.since[life] = scan
      this.#seen(life, by, { scan, severity: this.#severities[item]! })
    }
    for (const by of looks) {
      for (const item of by.items) {
        if (known.has(item) || this.#severities[item] === 0) continue
        known.add(item)
        const life = this.#growing.add()
        const { columns: grown } = this.#growing
        grown.identity[life] = identity
        grown.item[life] = item
        grown.first[life] = grown.since[life] = scan
        grown.next[life] = this.#tables.heads[identity] ?? 0
        this.#tables.heads[identity] = life + 1
        this.#seen(life, by, { scan, severity: this.#severities[item]! })
      }
    }
  }

  #seen(life: number, by: LookAtHost, { scan, severity }: { scan: number; severity: number }): void {
    const { columns } = this.#growing
    columns.state[life] = OPEN
    columns.why[life] = 0
    columns.severity[life] = severity
    columns.seen[life] = columns.looked[life] = columns.changed[life] = scan
    columns.basis[life] = by.basis
    this.#decide(life, by.start)
  }

  #decide(life: number, date: string | undefined): void {
    const { columns } = this.#growing
    columns.decided[life] = secondsOf(date)
    columns.zoned[life] = isZoned(date ?? '') ? 1 : 0
  }

  /** What is not there is fixed where it was looked for, and else not retested, or its host is gone. */
  #miss(identity: number, looks: readonly LookAtHost[], about: { scanNumber: number; isCutShort: boolean }): void {
    const { columns } = this.#growing
    const isGone = looks.every(({ later }) => later.reach === 'unreachable')
    for (const life of this.#livesOf(identity)) {
      if (this.#stamps[columns.item[life]!] === this.#looks || columns.state[life] === FIXED) continue
      const decided = this.#decidedAt(life)
      if (looks.every(({ start }) => surelyBefore(start, decided))) continue
      const after = looks.filter(({ start }) => surelyBefore(decided, start))
      if (isGone && after.length > 0) {
        if (columns.state[life] !== GONE) columns.changed[life] = about.scanNumber
        columns.state[life] = GONE
        continue
      }
      const why = this.#whyNot(life, identity, { ...about, after, looks })
      columns.why[life] = why.reduce((bits, reason) => bits | (1 << NOT_RETESTED_ORDER.indexOf(reason)), 0)
      if (why.length > 0) {
        if (columns.state[life] !== NOT_RETESTED_STATE) columns.changed[life] = about.scanNumber
        columns.state[life] = NOT_RETESTED_STATE
        continue
      }
      columns.state[life] = FIXED
      columns.changed[life] = columns.looked[life] = about.scanNumber
      this.#decide(
        life,
        after.reduce((last, { start }) => (surelyBefore(last, start) ? start : last), after[0]?.start),
      )
    }
  }

  #whyNot(
    life: number,
    identity: number,
    about: { isCutShort: boolean; after: readonly LookAtHost[]; looks: readonly LookAtHost[] },
  ): NotRetested[] {
    const { columns } = this.#growing
    const [plugin, port, protocol] = this.#items.all[columns.item[life]!]!
    const { family, type } = this.#plugins.get(plugin) ?? {}
    const { portRange, policy, access, families } = this.#bases.all[columns.basis[life]!]!
    const isSure = about.after.length > 0
    const doubts = lookedAgain(
      { plugin, port, protocol, family, type },
      { start: this.#decidedAt(life), access, portRange, policy, families },
      {
        looks: (isSure ? about.after : about.looks).map(({ later }) => later),
        isCutShort: about.isCutShort,
        isOnlyByName: (this.#tables.moved[identity] ?? 0) > columns.seen[life]! + 1,
      },
    )
    return isSure ? doubts : ['order_unknown', ...doubts]
  }

  /** Hosts that a whole scan was to look at, and that its report does not have. */
  #missTargets(record: LookRecord, there: ReadonlySet<number>, scan: number): void {
    if (!record.completed || record.targets.length === 0) return
    const isTarget = makeTargets(record.targets)
    const { columns } = this.#growing
    for (const [identity, { marks, names }] of this.#ledger.identities.entries()) {
      if (there.has(identity) || (this.#tables.heads[identity] ?? 0) === 0) continue
      if (!isTarget(marks.address ?? [], names)) continue
      for (const life of this.#livesOf(identity)) {
        const state = columns.state[life]
        if (state === FIXED || state === GONE || !surelyBefore(this.#decidedAt(life), record.at)) continue
        columns.state[life] = GONE
        columns.changed[life] = scan
      }
    }
  }

  *#livesOf(identity: number): Generator<number, void, void> {
    for (let life = this.#tables.heads[identity] ?? 0; life > 0; life = this.#growing.columns.next[life - 1]!) {
      yield life - 1
    }
  }

  /** As a date with or without a zone, as it was written. */
  #decidedAt(life: number): string | undefined {
    const { columns } = this.#growing
    const seconds = columns.decided[life]!
    if (seconds === 0) return undefined
    const date = new Date(seconds * 1000).toISOString()
    return columns.zoned[life] === 1 ? date : date.slice(0, 19)
  }
}

const secondsOf = (date: string | undefined): number => Math.max(0, Math.floor((momentOf(date) ?? 0) / 1000))
