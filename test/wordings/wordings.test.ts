/** Goal: whoever asks in the words of the field finds the tool that answers among the first five. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { SCOPES } from '../../lib/gateway/auth/identity.ts'
import { makeToolListing } from '../../lib/gateway/mcp/listed-tool.ts'
import { readToolsets } from '../../lib/runtime/toolset.ts'
import { labelled } from '../reports/support/labelled.ts'
import { makeRanking } from './ranking.ts'
import { WORDINGS } from './wordings.ts'

const PLACES = 5
const SHARE_MIN = 0.95
const SHARED = '../shared/questions/public.json'

const listing = makeToolListing(tools)
const listed = (toolset: string) => listing.tools({ scopes: SCOPES, toolsets: readToolsets(toolset) })

interface Asked {
  readonly wording: string
  readonly answers: string
}

/** The share of wordings whose tool comes early; the others are told. */
function found(asked: readonly Asked[], toolset: string) {
  const list = listed(toolset)
  const rank = makeRanking(list)
  const there = asked.filter(({ answers }) => list.some(({ name }) => name === answers))
  const missed = there.filter(({ wording, answers }) => rank(wording).indexOf(answers) >= PLACES)
  const told = missed.map(({ wording, answers }) => `${answers}: ${wording}`).join('\n')
  return { count: there.length, share: 1 - missed.length / there.length, told }
}

const own = Object.entries(WORDINGS).flatMap(([answers, wordings]) =>
  (wordings ?? []).map((wording) => ({ wording, answers })),
)
/** The requests of docs/agent-questions.md; the last call of each answers it. */
const everyday = readFileSync('docs/agent-questions.md', 'utf8')
  .split('\n# ')[0]!
  .split('\n## ')
  .slice(1)
  .map((section) => ({
    wording: section.split('\n')[0]!,
    answers: [...section.matchAll(/^ {4}(\w+) \{/gm)].at(-1)?.[1] ?? '',
  }))

test.each([
  ['of our own', own, 80],
  ['of docs/agent-questions.md', everyday, 12],
])('wordings %s find their tool', (_whose, asked, countMin) => {
  const { count, share, told } = found(asked, 'default')
  expect(count).toBeGreaterThanOrEqual(countMin)
  labelled(told, () => expect(share).toBeGreaterThanOrEqual(SHARE_MIN))
})

test('our own wordings are of the field: many words, and none of one tool alone', () => {
  const said = own.map(({ wording }) => wording.toLowerCase()).join(' ')
  const words = `vulnerable exposed patch remediat missing hosts machines assets servers login credential trend ports software certificate
    compliance exploit account operating expire default overview progress changed fixed`
  expect(words.split(/\s+/).filter((word) => !said.includes(word))).toEqual([])
})

interface SharedQuestion {
  readonly kind: string
  readonly question: readonly string[]
  readonly compute: readonly [kind: string, args: { readonly fact?: string; readonly reason?: string }]
}
const BETWEEN = new Set(['between scans', 'not retested', 'only one scan'])
const SUMMED = new Set(['severities', 'total_hosts', 'login', 'host_named', 'unfinished'])
const FACTS: Readonly<Record<string, string>> = {
  start: 'list_tasks',
  port_range: 'summarize_scan',
  version: 'get_scan_results',
}

/** The tool of the shortest plan. */
function answering({ kind, compute: [how, args] }: SharedQuestion): string {
  if (args.fact !== undefined && args.fact in FACTS) return FACTS[args.fact]!
  const isBetween = BETWEEN.has(kind) || how === 'change' || args.reason?.startsWith('the newer') === true
  if (isBetween || (how === 'fixed_answer' && kind !== 'login verdict')) return 'compare_scans'
  return SUMMED.has(how) || kind === 'login verdict' ? 'summarize_scan' : 'query_findings'
}

test.skipIf(!existsSync(SHARED))('the shared wordings find their tool', () => {
  const questions = JSON.parse(readFileSync(SHARED, 'utf8')) as readonly SharedQuestion[]
  const asked = questions.flatMap((each) => each.question.map((wording) => ({ wording, answers: answering(each) })))
  const { count, share, told } = found(asked, 'default')
  expect(count).toBeGreaterThan(400)
  labelled(told, () => expect(share).toBeGreaterThanOrEqual(SHARE_MIN))
})
