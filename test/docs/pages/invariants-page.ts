/** The text of `docs/invariants.md`: every numbered invariant, from the heads of the files that keep them. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Invariant {
  /** One or two capitals: the name of its file's list. */
  readonly letters: string
  readonly number: number
  readonly label: string
  readonly text: string
  readonly file: string
}

/** The source files below `roots`. */
export function sourceFiles(...roots: string[]): string[] {
  return roots
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${root}/${name.replaceAll('\\', '/')}`),
    )
    .toSorted()
}

/** The invariants that the comments of a file number: ` *   B1. An event is …`, indented lines go on. */
export function invariantsOf(file: string, text = readFileSync(file, 'utf8')): Invariant[] {
  const numbered = /^ \* {3}([A-Z]{1,2})(\d+)\. +(.+(?:\n \* {5,}\S.*)*)/gm
  return [...text.matchAll(numbered)].map(([, letters = '', number = '', words = '']) => ({
    letters,
    number: Number(number),
    label: letters + number,
    text: words.replaceAll(/\n \* +/g, ' '),
    file,
  }))
}

export const PRODUCT = ['functions', 'lib', 'config', 'infra'] as const

const HEAD = `# Invariants

What always holds, whatever goes wrong meanwhile, and the file that sees to it. Written by \`npm run docs\` from the heads of those files: change them, not this page.
Each has a test that bears its label at the end of its title: \`grep -rn "B3[,)]" test\` finds those of B3. What the code and the tests must do for that, \`test/system/invariants.test.ts\` says.
`

export function invariantsPage(): string {
  const all = sourceFiles(...PRODUCT).flatMap((file) => invariantsOf(file))
  const files = [...new Set(all.map(({ file }) => file))]
  const sections = files.map((file) => {
    const lines = all
      .filter((each) => each.file === file)
      .map(({ label, text }) => `- **${label}** ${text.replaceAll(/\{@link ([^}]+)\}/g, '$1')}`)
    return [`## ${file}`, '', ...lines, ''].join('\n')
  })
  return [HEAD, ...sections].join('\n')
}
