/** Every regular expression of the program is tried on texts that make careless ones slow; a new one is tried from its first day. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { growthOf, RATIO_MAX } from './support/growth.ts'

const LITERAL = /(?<![\w/*)\]'"<])\/(?![/*\s])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*(?![\w/])/g
/** What is repeated, and what may stand in front and behind. */
const PUMPS = [
  'a',
  '0',
  'A',
  ' ',
  '\n',
  '-',
  '.',
  ':',
  '/',
  '[',
  '"',
  '<',
  '=',
  ',',
  '@',
  '_',
  'a ',
  '. ',
  '1.',
  'a:',
  'a.',
  '%a',
]
const BEGINS = ['', 'a', '>a', '"a', '[a', '/a', '-a', '.', ':', '://']
const ENDS = ['', '\0']

const MATCHES = 20

interface Found {
  readonly file: string
  readonly expression: RegExp
}

function expressionsOf(code: string): RegExp[] {
  return [...code.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '').matchAll(LITERAL)].flatMap(([text]) => {
    const end = text.lastIndexOf('/')
    try {
      return [new RegExp(text.slice(1, end), text.slice(end + 1))]
    } catch {
      // Text that only looks like one, such as an address in a sentence.
      return []
    }
  })
}

const found: Found[] = ['lib', 'functions', 'infra', 'config'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = `${root}/${name}`
      return expressionsOf(readFileSync(file, 'utf8')).map((expression) => ({ file, expression }))
    }),
)

/** The texts that are hard on careless expressions: one or two characters over and over, begun and ended in many ways. */
function* hardTexts({ source }: RegExp): Generator<(length: number) => string> {
  const words = [...new Set(source.match(/[A-Za-z]{3,}|-{2,}/g) ?? [])].slice(0, 3)
  for (const pump of [...PUMPS, ...words]) {
    for (const begin of [...BEGINS, ...words]) {
      for (const end of ENDS) yield (length) => begin + pump.repeat(length / pump.length) + end
    }
  }
}

/** Finds the first matches, and makes nothing of them. */
function matchSome(all: RegExp, text: string): void {
  all.lastIndex = 0
  for (let n = 0; n < MATCHES; n++) {
    const match = all.exec(text)
    if (!match) return
    if (match[0] === '') all.lastIndex++
  }
}

async function slowestOf(expression: RegExp): Promise<{ growth: number; text: string }> {
  let slowest = { growth: 0, text: '' }
  const all = new RegExp(expression.source, `${expression.flags.replace('g', '')}g`)
  for (const make of hardTexts(expression)) {
    const growth = await growthOf((text) => matchSome(all, text), make)
    if (growth > slowest.growth) slowest = { growth, text: JSON.stringify(make(20)) }
    if (growth > RATIO_MAX) break
  }
  return slowest
}

test('the expressions of the program are found', () => {
  expect(found.length).toBeGreaterThan(100)
  expect(found.map(({ file }) => file)).toContain('lib/scanners/targets.ts')
})

test.each([String.raw`\/+$`])('a careless one would be found: %s', async (source) => {
  expect((await slowestOf(new RegExp(source, 's'))).growth).toBeGreaterThan(RATIO_MAX)
})

/** What repeats nothing takes as long as the text is. */
const repeating = found.filter(({ expression }) => /[+*{]/.test(expression.source))

test.each(repeating)(
  '$file $expression takes no longer than in proportion',
  { timeout: 60_000 },
  async ({ expression }) => {
    const { growth, text } = await slowestOf(expression)
    expect(growth, `on ${text} over and over`).toBeLessThan(RATIO_MAX)
  },
)
