/** Would a client that searches tools by words find the right one? Tools ranked by BM25 over name (twice), title, description and arguments. */
import type { Tool } from '@modelcontextprotocol/server'

const UNSAID = new Set(
  'the a an of is are to we what and in my it for that by on be do i with you not how which there did our me give this'.split(
    ' ',
  ),
)
const ENDINGS = ['ings', 'ing', 'ies', 'es', 's', 'ed']
/** How soon a word that is said again counts no more, and how much a long text has to say for it. */
const [SATURATION, LENGTH] = [1.2, 0.75]

function wordsOf(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .replaceAll('_', ' ')
      .match(/[a-z0-9]+/g) ?? []
  return words.filter((word) => !UNSAID.has(word)).map(stem)
}

function stem(word: string): string {
  const ending = ENDINGS.find((each) => word.endsWith(each) && word.length - each.length > 2)
  return ending === undefined ? word : word.slice(0, -ending.length)
}

function saidOf({ name, title = '', description = '', inputSchema }: Tool): string[] {
  const args = Object.entries((inputSchema.properties ?? {}) as Record<string, { description?: string }>)
  const about = args.map(([argument, schema]) => `${argument} ${schema.description ?? ''}`).join(' ')
  return wordsOf(`${name} ${name} ${title} ${description} ${about}`)
}

/** A function from a wording to the tools' names, the likeliest first. */
export function makeRanking(tools: readonly Tool[]): (wording: string) => string[] {
  const texts = tools.map((tool) => ({ name: tool.name, words: saidOf(tool) }))
  const mean = texts.reduce((sum, { words }) => sum + words.length, 0) / texts.length
  const rarity = (word: string) => {
    const holding = texts.filter(({ words }) => words.includes(word)).length
    return Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5))
  }
  const score = (wanted: ReadonlySet<string>, words: readonly string[]) =>
    [...wanted].reduce((sum, word) => {
      const times = words.filter((each) => each === word).length
      const damping = times + SATURATION * (1 - LENGTH + (LENGTH * words.length) / mean)
      return times === 0 ? sum : sum + (rarity(word) * times * (SATURATION + 1)) / damping
    }, 0)
  return (wording) => {
    const wanted = new Set(wordsOf(wording))
    return texts
      .map(({ name, words }) => ({ name, score: score(wanted, words) }))
      .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name)
  }
}
