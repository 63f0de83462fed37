/** Answers one question over one report or several: a small table, its base, and what could not be seen. */
import { makePace, type Pace } from '../../base/pace.ts'
import { planTable } from '../fix-plan/plan.ts'
import { remedyDimension } from '../fix-plan/remedies.ts'
import { hostTable, inventoryTable } from '../inventory/table.ts'
import { isCompliance } from '../query/finding-view.ts'
import { keepRows } from '../query/match-rows.ts'
import type { OpenReport } from '../query/results.ts'
import { countedHosts } from './host-count.ts'
import { fieldsOf, matchingRows, readCondition } from './condition.ts'
import { type Doubt, shownUnseen, type UnseenHosts, whyNothing } from './doubts.ts'
import type { Look, LookIdentity, RestingReport } from './looks.ts'
import type { Question } from './question.ts'
import { asksForUnions, type Cell, shape } from './shape.ts'
import { catalogueOf } from './table-catalogue.ts'
import { emptyGroup, join, tally, tallyAll, type TallyGroup } from './tally.ts'
import { hostsInScope, noneUnseen, unseenIn, UNSEEN } from './unseen.ts'

export interface QuestionAnswer {
  readonly of: string
  /** Matching items, hosts and plugins: the whole, before any cut. */
  readonly n: number
  /** Of findings alone; the inventory has none. */
  readonly findings?: number
  /** How many of them are informational. */
  readonly total_informational?: number
  readonly hosts: number
  readonly groups: number
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Groups that are not shown. */
  readonly cut: number
  readonly cannot_say?: readonly string[]
  readonly unseen: Readonly<Record<string, UnseenHosts>>
  readonly looks: readonly Look[]
  readonly untrusted_text?: readonly string[]
}

export async function answerQuestion(resting: readonly RestingReport[], question: Question): Promise<QuestionAnswer> {
  const total = emptyGroup(0, true)
  const groups = new Map<string, TallyGroup>()
  const unseen = noneUnseen()
  const doubts: Doubt[] = []
  let informational = 0
  let pace = makePace()
  for (const { look, use } of resting) {
    const found = await use((report, identity) => tallyOne(report, question, look, identity))
    const { isApart } = found
    join(total, found.total, { measures: [], isApart })
    pace = found.pace
    informational += found.informational
    for (const group of found.groups) {
      const key = JSON.stringify(group.labels)
      const known = groups.get(key)
      if (known) join(known, group, { measures: question.measures, isApart })
      else groups.set(key, group)
    }
    for (const key of UNSEEN) unseen[key].push(...found.unseen[key])
    doubts.push({ look, ...found.unseen, matched: found.total.findings })
  }
  const cannotSay = whyNothing(doubts, unseen.scans_that_cannot_say)
  return whole(question, total, [...groups.values()], {
    unseen,
    cannotSay,
    informational,
    pace,
    looks: resting.map(({ look }) => look),
  })
}

async function tallyOne(asked: OpenReport, question: Question, look: Look, identity: LookIdentity) {
  const report = tableAsked(asked, question)
  const { store } = report
  const catalogue = catalogueOf(question, store)
  const condition = readCondition(question.where, catalogue)
  const matching = await matchingRows(report, condition)
  const asksSeverity = fieldsOf(condition).some(({ type }) => type === 'severity')
  const counted = store.hosts.map(({ same }) => identity.counts(same))
  let informational = 0
  const rows = keepRows(matching, (row) => {
    const isCheck = isCompliance(store, row)
    const isInformational = !isCheck && store.columns.severity[row] === 0
    const isAsked =
      question.items === 'all' ||
      (question.items === 'checks' ? isCheck : !isCheck && (asksSeverity || !isInformational))
    if (!isAsked || !counted[store.columns.host[row] ?? 0]) return false
    if (isInformational) informational++
    return true
  })
  const fields = [...question.groupBy, ...question.measures.flatMap(({ field }) => field ?? [])]
  const isApart = identity.isAlone && !asksForUnions(question)
  const keys = store.hosts.map(({ same }) => identity.key(same))
  const hosts = countedHosts(keys, store.columns.host, !isApart)
  const options = {
    measures: question.measures,
    catalogue,
    hosts,
    hostName: identity.name,
    scan: look.at?.slice(0, 10) ?? look.scan,
  }
  const total = tallyAll(report, rows, { hosts, wantsPlugins: question.of === 'plugins' })
  const plan = question.of === 'fix_plan' ? { dimensions: [await remedyDimension(report, rows)] } : {}
  const groups = await tally(report, rows, { ...options, ...plan, groupBy: question.groupBy })
  if (question.emptyGroups)
    groups.push(...emptyHosts(report, hostsInScope(report, condition), { groups, identity, counted }))
  return {
    total,
    isApart,
    informational,
    groups,
    pace: asked.pace,
    unseen: unseenIn(asked, {
      condition,
      fields,
      question,
      matched: rows.length,
      rows: report.store,
      groups,
      tells: identity.tells,
    }),
  }
}

interface Counted {
  readonly groups: readonly TallyGroup[]
  readonly identity: LookIdentity
  readonly counted: readonly boolean[]
}

/** Hosts on which nothing matches, for who asks for those. */
function emptyHosts(
  { store }: OpenReport,
  scope: readonly number[],
  { groups, identity, counted }: Counted,
): TallyGroup[] {
  const known = new Set(groups.flatMap(({ hosts }) => [...hosts.keys]))
  return scope.flatMap((host) => {
    const { same, name } = store.hosts[host]!
    const key = identity.key(same)
    if (same !== host || known.has(key) || !counted[host]) return []
    const group = emptyGroup(0, true)
    group.hosts.add(key)
    return [{ ...group, labels: [identity.name?.(same) ?? name] }]
  })
}

function tableAsked(report: OpenReport, { table }: Question): OpenReport {
  return table === 'findings' || table === 'lives'
    ? report
    : table === 'hosts'
      ? hostTable(report)
      : inventoryTable(report, table)
}

interface Around {
  readonly unseen: Readonly<Record<(typeof UNSEEN)[number], readonly string[]>>
  readonly cannotSay: readonly string[]
  readonly informational: number
  readonly looks: readonly Look[]
  readonly pace: Pace
}

async function whole(
  question: Question,
  total: TallyGroup,
  groups: readonly TallyGroup[],
  around: Around,
): Promise<QuestionAnswer> {
  const { untrusted, ...table } =
    question.of === 'fix_plan'
      ? await planTable(question, total, groups, around.pace.watch())
      : shape(question, total, groups)
  const { n, ...rest } = table
  return {
    ...(around.cannotSay.length > 0 ? { cannot_say: around.cannotSay } : {}),
    of: question.of,
    n,
    ...(question.table === 'findings' ? { findings: total.findings, total_informational: around.informational } : {}),
    hosts: total.hosts.size,
    ...rest,
    unseen: shownUnseen(around.unseen),
    looks: around.looks,
    ...(untrusted.length > 0 ? { untrusted_text: untrusted } : {}),
  }
}
