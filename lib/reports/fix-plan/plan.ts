/** The table of a fix plan: what to do first, what that removes that nothing before it did, and what is left then. */
import type { Watch } from '../../base/pace.ts'
import type { Question } from '../question/question.ts'
import type { AnswerTable } from '../question/shape.ts'
import type { TallyGroup } from '../question/tally.ts'
import { bestCover } from './best-cover.ts'
import { makeEffort } from './cover-input.ts'
import { supersededBy } from './superseding.ts'

const TEXT_CHARS_MAX = 300

/** `groups`: findings by what removes them, as a JSON list. */
export async function planTable(
  { top }: Question,
  total: TallyGroup,
  groups: readonly TallyGroup[],
  watch: Watch,
): Promise<AnswerTable> {
  const effort = makeEffort(watch)
  const names = new Map<string, number>()
  const kindsOf: Set<number>[] = []
  for (const [kind, { labels }] of groups.entries()) {
    for (const name of JSON.parse(String(labels[0])) as string[]) {
      const fix = names.get(name) ?? names.set(name, kindsOf.push(new Set()) - 1).size - 1
      kindsOf[fix]!.add(kind)
    }
    await effort.did(1)
  }
  const labels = [...names.keys()]
  const own = kindsOf.map((kinds) => [...kinds])
  const superseded = new Set<number>()
  for (const [fix, others] of supersededBy(labels)) {
    for (const other of others) {
      for (const kind of own[other]!) kindsOf[fix]!.add(kind)
      superseded.add(other)
      await effort.did(own[other]!.length)
    }
  }
  const fixes = kindsOf.map((kinds, fix) => (superseded.has(fix) ? [] : [...kinds]))
  const weights = groups.map(({ findings }) => findings)
  const { order, useful } = await bestCover({ weights, fixes }, top, effort)
  const done = new Set<number>()
  let left = total.findings
  const rows = order.map((fix) => {
    const newly = [...kindsOf[fix]!].filter((kind) => !done.has(kind)).map((kind) => groups[kind]!)
    for (const kind of kindsOf[fix]!) done.add(kind)
    const findings = newly.reduce((sum, group) => sum + group.findings, 0)
    const hosts = new Set(newly.flatMap((group) => [...group.hosts.keys])).size
    const kev = newly.reduce<number | null>(
      (sum, group) => (sum === null || group.kev === undefined ? null : sum + group.kev),
      0,
    )
    left -= findings
    const label = labels[fix] ?? ''
    return [label.length > TEXT_CHARS_MAX ? `${label.slice(0, TEXT_CHARS_MAX)}…` : label, findings, hosts, kev, left]
  })
  // Where fewer suffice, the others remove nothing more.
  const needed = rows.length < top ? rows.length : useful
  return {
    n: total.findings,
    groups: needed,
    columns: ['fix', 'findings', 'hosts', 'kev', 'left'],
    rows,
    cut: needed - rows.length,
    untrusted: ['fix'],
  }
}
