/** The text of `lib/client/generated/`: what the typed client knows of the tools, from what the tools declare. */
import * as v from 'valibot'
import { tools } from '../../../functions/index.ts'
import type { ToolDefinition } from '../../../lib/runtime/tool.ts'

const HEAD = 'Written by `npm run docs` from `functions/index.ts`: change the tool, not this file.'
const LINE_CHARS = 110
const COMMENT_LINES_MAX = 2

/** `lib/client/generated/tool-types.ts` */
export function toolTypes(): string {
  const byFile = tools.toSorted((a, b) => (fileOf(a) < fileOf(b) ? -1 : 1))
  return lines(
    `/** Every tool by name: what it takes and what it answers, by its own schemas. Types only. ${HEAD} */`,
    ...byFile.map((tool) => `import type ${camel(tool)} from '../../../functions/tools/${fileOf(tool)}'`),
    "import type { TypesOf } from '../types-of.ts'",
    '',
    'export interface ToolTypes {',
    ...tools.map((tool) => `  readonly ${tool.name}: TypesOf<typeof ${camel(tool)}${tool.output ? '' : ', string'}>`),
    '}',
  )
}

/** `lib/client/generated/tool-methods.ts` */
export function toolMethods(): string {
  return lines(
    `/** One typed method for every tool of the gateway, in the order in which the server lists them. ${HEAD} */`,
    "import type { Arguments, CallOptions, Result, ToolName } from '../call.ts'",
    '',
    '/** Every method throws ToolError (TaskNotFoundError for an unknown scan) or ConnectionError. */',
    'export abstract class ToolMethods {',
    '  /** Calls any tool by its name; a tool that this library does not know answers `unknown`. */',
    '  abstract callTool<T extends ToolName>(tool: T, args: Arguments<T>, options?: CallOptions): Promise<Result<T>>',
    '  abstract callTool(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>',
    ...tools.flatMap((tool) => ['', ...methodOf(tool)]),
    '}',
  )
}

/** `lib/client/generated/repeatable-tools.ts` */
export function repeatableTools(): string {
  const repeatable = tools.filter(({ mayBeRepeated }) => mayBeRepeated)
  return lines(
    `/** The tools of which a call may be sent again when its answer was lost. ${HEAD} */`,
    'export const REPEATABLE_TOOLS: ReadonlySet<string> = new Set([',
    ...repeatable.map(({ name }) => `  '${name}',`),
    '])',
  )
}

function methodOf(tool: ToolDefinition): string[] {
  const needsNothing = v.safeParse(tool.arguments, {}).success
  const args = `args: Arguments<'${tool.name}'>${needsNothing ? ' = {}' : ''}`
  return [
    ...comment(`${tool.title}.`, firstSentence(tool.description)),
    `  ${camel(tool)}(${args}, options?: CallOptions) {`,
    `    return this.callTool('${tool.name}', args, options)`,
    '  }',
  ]
}

/** A sentence ends where the next begins with a capital. */
const firstSentence = (text: string) => /^[^]*?[.:](?= [A-Z])/.exec(text)?.[0].replace(/:$/, '.') ?? text

/** The title, and the sentence where both are short. */
function comment(title: string, sentence: string): string[] {
  const wrapped = wrap(`${title} ${sentence}`)
  if (wrapped.length > COMMENT_LINES_MAX) return [`  /** ${title} */`]
  if (wrapped.length === 1) return [`  /** ${wrapped[0]} */`]
  return ['  /**', ...wrapped.map((line) => `   * ${line}`), '   */']
}

const wrap = (text: string) =>
  text
    .replaceAll('*/', '* /')
    .split(' ')
    .reduce<string[]>((done, word) => {
      const last = done.at(-1)
      if (last === undefined || last.length + word.length >= LINE_CHARS) return [...done, word]
      return [...done.slice(0, -1), `${last} ${word}`]
    }, [])

const fileOf = ({ name }: Pick<ToolDefinition, 'name'>) => `${name.replaceAll('_', '-')}.ts`
const camel = ({ name }: Pick<ToolDefinition, 'name'>) =>
  name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const lines = (...all: readonly string[]) => `${all.join('\n')}\n`
