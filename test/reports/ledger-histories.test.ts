/**
 * The lives of findings over made-up histories, against a naive model and against what was really there. A short form runs
 * here; HISTORIES=100000 runs the long one (npm run histories).
 */
import { describe, expect, test } from 'vitest'
import { inOrder } from '../../lib/reports/ledger/ledger.ts'
import { LIFE_STATES, type LivesState } from '../../lib/reports/ledger/lives-state.ts'
import { makeLives } from '../../lib/reports/ledger/lives.ts'
import type { LookRecord } from '../../lib/reports/ledger/look-record.ts'
import { flawId, type History, madeUpHistory } from './support/ledger-histories.ts'
import { naiveLives } from './support/naive-lives.ts'
import { makeRandom, type Random } from './support/random.ts'

const HISTORIES = Number(process.env['HISTORIES'] ?? 300)
const SEED = Number(process.env['SEED'] ?? 20_260_301)

function folded(records: readonly LookRecord[], before?: LivesState): LivesState {
  const lives = makeLives(before)
  for (const record of inOrder(records)) lives.enter(record)
  return lives.state
}

/** What a state says, without the numbers that only its tables know. */
function said({ tables, columns }: LivesState): string[] {
  return Array.from(columns.identity, (identity, life) => {
    const [plugin, port] = tables.items[columns.item[life]!]!
    const scans = (['first', 'seen', 'since', 'looked', 'changed'] as const).map(
      (name) => `${name} ${tables.scans[columns[name][life]!]!.at}`,
    )
    const host = tables.hosts[identity]!.marks.mac![0]!
    return `${host} ${plugin}/${port} ${LIFE_STATES[columns.state[life]!]} ${scans.join(' ')} returned ${columns.returned[life]}`
  }).toSorted()
}

function expected(history: History): string[] {
  return naiveLives(history)
    .map(({ host, flaw, state, returned, ...scans }) => {
      const dates = (['first', 'seen', 'since', 'looked', 'changed'] as const).map(
        (name) => `${name} ${history.runs[scans[name]]!.at}`,
      )
      const mac = `00aa00aa00${host.toString(16).padStart(2, '0')}`
      return `${mac} ${flawId(flaw)}/${flaw.port} ${state} ${dates.join(' ')} returned ${returned}`
    })
    .toSorted()
}

const shuffled = <T>(list: readonly T[], random: Random): T[] =>
  list
    .map((value) => [random.below(1_000_000), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value)

describe(`${HISTORIES} made-up histories from seed ${SEED}`, () => {
  const histories = Array.from({ length: HISTORIES }, (_, number) => number)
  const each = (check: (history: History, random: Random) => void): void => {
    for (const number of histories) {
      const random = makeRandom(SEED + number)
      const history = madeUpHistory(random, number % 40_000)
      try {
        check(history, random)
      } catch (error) {
        throw new Error(`history ${number}: SEED=${SEED + number} HISTORIES=1`, { cause: error })
      }
    }
  }

  test('every life is what the naive model says', () => {
    each((history) => expect(said(folded(history.runs.map(({ record }) => record)))).toEqual(expected(history)))
  })

  test('nothing is closed that was really there, and nothing that is seen stays closed (LV1, LV2)', () => {
    let closed = 0
    let reopened = 0
    each((history) => {
      const { tables, columns } = folded(history.runs.map(({ record }) => record))
      for (const [life, identity] of columns.identity.entries()) {
        const host = Number.parseInt(tables.hosts[identity]!.marks.mac![0]!.slice(-2), 16)
        const [plugin] = tables.items[columns.item[life]!]!
        const place = history.flaws[host]!.findIndex((flaw) => flawId(flaw) === plugin)
        const isFixed = LIFE_STATES[columns.state[life]!] === 'fixed'
        const lastShown = history.runs.findLastIndex(({ visits }) => visits.get(host)?.shown.includes(place))
        expect(columns.seen[life]).toBe(lastShown)
        if (!isFixed) continue
        closed++
        expect(history.flaws[host]![place]!.there[columns.changed[life]!]).toBe(false)
        expect(columns.changed[life]).toBeGreaterThan(lastShown)
      }
      reopened += columns.returned.reduce((sum, count) => sum + count, 0)
    })
    // The histories hold what they are to show.
    expect(closed).toBeGreaterThan(HISTORIES / 5)
    expect(reopened).toBeGreaterThan(HISTORIES / 50)
  })

  test('the order in which scans come, and how often, changes nothing (LV3, LG2)', () => {
    each((history, random) => {
      const records = history.runs.map(({ record }) => record)
      const twice = records.map((record) => ({ ...record, task_id: record.task_id.replace('_2026', '_2027') }))
      const all = said(folded(records))
      expect(said(folded(shuffled([...records, ...twice], random)))).toEqual(all)
      // Entered one after the other, each by going on from what was kept before.
      const kept = records.reduce<LivesState | undefined>(
        (before, record) => structuredClone(folded([record], before)),
        undefined,
      )
      expect(said(kept!)).toEqual(all)
    })
  })
})
