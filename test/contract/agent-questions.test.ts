/** Runs the calls of docs/agent-questions.md: everyday requests, each answered in at most three calls and 25,000 tokens. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, scanner, type House } from '../support/house.ts'
import { personAt } from '../support/person.ts'

const CALLS_MAX = 3
const TOKENS_MAX = 25_000
const CHARS_PER_TOKEN = 3.5
const PAGE = new URL('../../docs/agent-questions.md', import.meta.url)
const GOAD = fileURLToPath(new URL('../../../shared/data/goad.nessus', import.meta.url))

interface Question {
  readonly asked: string
  readonly calls: readonly (readonly [tool: string, args: string])[]
  readonly answer: RegExp
}

const questions = readFileSync(PAGE, 'utf8').split('\n# ')[0]!.split('\n## ').slice(1).map(readQuestion)

function readQuestion(section: string): Question {
  const [asked = '', ...lines] = section.split('\n')
  const calls = lines.flatMap((line) => {
    const [, tool = '', args = ''] = /^ {4}(\w+) (\{.*\})$/.exec(line) ?? []
    return tool === '' ? [] : [[tool, args] as const]
  })
  const [, pattern = ''] = /^Answer: `(.*)`$/m.exec(section) ?? []
  return { asked, calls, answer: new RegExp(pattern, 's') }
}

let house: House
const names: Record<string, string> = {}

beforeAll(async () => {
  house = await openHouse({
    config: ({ quick, slow }) => ({
      nessus: [scanner('quick')(quick)],
      slow: [scanner('slow', { max_concurrent_scans: 1 })(slow)],
      credentials: {
        'linux-prod': {
          username: 'deploy',
          password: 'p',
          elevate_privileges_with: 'sudo',
          allowed_targets: ['0.0.0.0/0', '*'],
        },
      },
    }),
  })
  names['$FAILED'] = await house.start({ template: 'no-such' })
  names['$OLDER'] = await house.start()
  const login = { targets: '192.0.2.1', name: 'login', username: 'audit', password: 'wrong' }
  names['$LOGIN'] = String((await house.result('run_trusted_scan', login))['task_id'])
  for (const taskId of Object.values(names)) await house.ended(taskId)
  names['$THEIRS'] = String(await personAt(house.quick).makeScan({ name: 'by hand', launch: true }))
  names['$SCAN'] = await house.start()
  await house.ended(names['$SCAN'])
  names['$RUNNING'] = await house.start({ scanner_pool: 'slow' })
  await house.until(names['$RUNNING'], ({ step }) => step === 'scanning')
  names['$WAITING'] = await house.start({ scanner_pool: 'slow' })
})
afterAll(() => house?.close())

test('there are at least twenty requests', () => {
  expect(questions.length).toBeGreaterThanOrEqual(20)
})

/** Asks, and answers how many tokens the answers took. */
async function ask({ calls, answer }: Question, meant: Readonly<Record<string, string>>): Promise<number> {
  let heard = ''
  for (const [tool, args] of calls) {
    const filled = args.replaceAll(/\$[A-Z]+/g, (name) => meant[name] ?? name)
    const body = await house.result(tool, JSON.parse(filled) as object)
    heard += typeof body['text'] === 'string' ? body['text'] : JSON.stringify(body)
  }
  expect(heard).toMatch(answer)
  return heard.length / CHARS_PER_TOKEN
}

describe('on shipped reports', () => {
  test.each(questions.map((question) => [question.asked, question] as const))('%s', async (_asked, question) => {
    expect(question.calls.length).toBeGreaterThan(0)
    expect(question.calls.length).toBeLessThanOrEqual(CALLS_MAX)
    expect(await ask(question, names)).toBeLessThan(TOKENS_MAX)
  })
})

describe.skipIf(!existsSync(GOAD))('on a real report of a Windows domain', () => {
  let real: Readonly<Record<string, string>>
  beforeAll(async () => {
    copyFileSync(GOAD, join(house.importDir, 'goad.nessus'))
    const take = async () => String((await house.result('import_scan', { path: 'goad.nessus' }))['task_id'])
    real = { $OLDER: await take(), $SCAN: await take() }
  })

  const readers = questions.filter(({ calls }) => calls.every(([, args]) => !/\$(?!SCAN|OLDER)|targets/.test(args)))
  test.each(readers.map((question) => [question.asked, question] as const))('%s', async (_asked, question) => {
    expect(await ask(question, real)).toBeLessThan(TOKENS_MAX)
  })
})
