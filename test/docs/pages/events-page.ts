/** The text of `docs/events.md`: every function and every event, from what the functions declare. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { functions, steps, tools, upkeep } from '../../../functions/index.ts'
import { DEAD_EVENT } from '../../../lib/runtime/retry/dead-letter.ts'
import type { AnyFunction } from '../../../lib/runtime/function.ts'
import { ToolCall } from '../../../lib/runtime/tool.ts'
import { objectSchema } from '../../../lib/gateway/tool-schemas.ts'
import { code, fieldsOf, table } from './schema-words.ts'

/** Every tool's call. */
const CALL = 'tool.<name>'

/** What is emitted by other parts of the system than functions; `says` where no function emits it too. */
const OTHER_EMITTERS: Readonly<Record<string, { readonly by: readonly string[]; readonly says?: string }>> = {
  [DEAD_EVENT]: {
    by: ['dispatcher'],
    says: 'An event about a scan was given up; its dead letter holds it. What a caller got wrong leaves none.',
  },
  'expire.due': { by: ['upkeep clock'] },
  'adopt.due': {
    by: ['upkeep clock'],
    says: 'It is time to look which scanners have runs to be taken in by schedule.',
  },
  'probe.due': { by: ['upkeep clock'], says: 'It is time to look at every scanner.' },
  'sweep.due': { by: ['upkeep clock'], says: 'It is time to look for what should move and does not.' },
  'scan.requested': { by: ['`nessus-mcp dead replay`', '`nessus-mcp rebuild`'] },
  [CALL]: { by: ['gateway'], says: 'Somebody called a tool and waits for the answer.' },
}
const DeadData = v.object({ function: v.string(), event: v.string(), attempts: v.number(), error: v.string() })

const HEAD = `# Functions and events

What the system does, and what is said between its parts. Written by \`npm run docs\` from \`functions/index.ts\` and the functions' own files: change those, not this page.
How an event travels is told in [architecture.md](architecture.md).

Every event is a CloudEvents 1.0 JSON envelope: \`id\`, \`type\`, \`source\` (who emitted it), \`subject\` (the task id it is about), \`time\` (Redis's clock),
\`traceparent\`, \`causationid\` (the event whose handling emitted it) and \`data\`. No event ever holds a secret.`

export function eventsPage(): string {
  return [
    HEAD,
    '',
    '## Steps of a scan and upkeep',
    '',
    ...table(
      ['function', 'consumes', 'emits', 'at once', 'attempts', 'safe to run twice, because'],
      [...steps, ...upkeep].map((definition) => functionRow(definition)),
    ),
    '',
    '"At once" is per worker. After so many failed attempts an event becomes a dead letter.',
    '',
    '## Tools',
    '',
    'Each tool is a function that consumes `tool.<name>`, which a gateway emits for a call. A tool call is tried once: someone waits for the answer.',
    '',
    ...table(
      ['function', 'emits'],
      tools.filter(({ emits }) => Object.keys(emits).length > 0).map((tool) => [code(tool.name), emitted(tool)]),
    ),
    '',
    'All other tools only read, or change the record, and emit nothing.',
    '',
    '## Events',
    '',
    ...table(['event', 'says', 'emitted by', 'consumed by', 'data'], eventTypes().map(eventRow)),
    '',
  ].join('\n')
}

/** Every type that is emitted or consumed; the calls of tools count as one. */
export function eventTypes(): string[] {
  const types = functions.flatMap(({ emits, consumes }) => [...Object.keys(emits), ...consumes])
  return [...new Set(types.map((type) => (type.startsWith('tool.') ? CALL : type)))].toSorted()
}

/** What the emitters of an event say it means: one sentence, by test. */
export function meaningsOf(type: string): string[] {
  const said = functions.flatMap(({ emits }) => {
    const schema = emits[type] as v.ObjectSchema<v.ObjectEntries, undefined> | undefined
    return (schema && v.getDescription(schema)) ?? []
  })
  const { says: also } = OTHER_EMITTERS[type] ?? {}
  return [...new Set(also === undefined ? said : [...said, also])]
}

function functionRow(definition: AnyFunction): string[] {
  const { name, consumes, concurrency, attemptsMax } = definition
  return [
    code(name),
    consumes.map(code).join(', '),
    emitted(definition),
    String(concurrency),
    Number.isFinite(attemptsMax) ? String(attemptsMax) : 'no limit',
    safetySentence(definition),
  ]
}

function emitted({ emits }: Pick<AnyFunction, 'emits'>): string {
  return Object.keys(emits).map(code).join(', ')
}

function eventRow(type: string): string[] {
  const call = type === CALL
  const emitters = functions.filter(({ emits }) => type in emits)
  const readers = functions.filter(({ consumes }) => consumes.includes(type))
  const schemas = [
    ...emitters.flatMap(({ emits }) => emits[type] ?? []),
    ...(call ? [ToolCall] : []),
    ...(type === DEAD_EVENT ? [DeadData] : []),
  ]
  return [
    code(type),
    meaningsOf(type).join(' '),
    [...emitters.map(({ name }) => code(name)), ...(OTHER_EMITTERS[type]?.by ?? [])].join(', '),
    call ? 'the tool of that name' : readers.map(({ name }) => code(name)).join(', '),
    dataWords(schemas),
  ]
}

/** The fields of the data; two emitters may fill different ones. */
function dataWords(schemas: readonly v.GenericSchema[]): string {
  const fields = new Map<string, string>()
  for (const schema of schemas) {
    for (const { name, type, required } of fieldsOf(objectSchema(schema, 'output', 'data of an event'))) {
      fields.set(name, `${code(name)} ${type}${required ? '' : ' (optional)'}`)
    }
  }
  return fields.size === 0 ? 'none' : [...fields.values()].join('; ')
}

/** What the function's own file says after "Safe to run twice:". */
function safetySentence({ name, kind }: AnyFunction): string {
  const folder = kind === 'scan' || name === 'admit' || name === 'forget' ? 'scan' : 'upkeep'
  const source = readFileSync(new URL(`../../../functions/${folder}/${name}.ts`, import.meta.url), 'utf8')
  const [block = ''] = source.split('*/')
  const [, sentence] = /Safe to run twice: ([^]*)$/.exec(block) ?? []
  if (sentence === undefined) throw new Error(`functions/${folder}/${name}.ts does not say why it is safe to run twice`)
  return sentence
    .replaceAll(/\s*\n \* ?/g, ' ')
    .trim()
    .replaceAll(/\s+/g, ' ')
}
