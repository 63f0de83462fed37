/** The text of `docs/tools.md`: every tool, from the schemas that check its calls and answers. */
import * as v from 'valibot'
import { tools } from '../../../functions/index.ts'
import { runArguments } from '../../../lib/scan-work/start/run-arguments.ts'
import type { Annotations } from '../../../lib/runtime/nature.ts'
import type { ToolDefinition } from '../../../lib/runtime/tool.ts'
import { objectSchema, toolSchemas } from '../../../lib/gateway/tool-schemas.ts'
import { code, type Field, fieldsOf, table } from './schema-words.ts'

const HEAD = `# Tools

Every tool, with its arguments and what it answers. Written by \`npm run docs\` from the schemas that check the calls: change the tool, not this page.
The same as OpenAPI is at \`GET /openapi.json\`.

Each tool is called over MCP (\`POST /mcp\`), or as \`POST /tools/<name>\` with its arguments as a JSON body. An error names the argument, what was
expected and what came; nothing is half done after one. **Scope** is what the caller's token must allow: \`scan:run\` implies \`scan:read\`, \`admin\` implies both.
MCP lists the tools of the **toolset** that a client asks for ([mcp.md](mcp.md#which-tools-are-listed)); any answers when it is called.`

export function toolsPage(): string {
  const shared = fieldsOf(objectSchema(v.object(runArguments), 'input', 'shared arguments'))
  return [
    HEAD,
    '',
    ...table(
      ['tool', 'does', 'toolset', 'scope', 'hints'],
      tools.map((tool) => [
        `[${code(tool.name)}](#${tool.name})`,
        tool.title,
        code(tool.toolset),
        code(tool.scope),
        hintWords(tool.annotations),
      ]),
    ),
    '',
    '## Arguments of every run tool',
    '',
    ...argumentTable(shared),
    '',
    ...tools.flatMap((tool) => [...toolSection(tool, shared), '']),
  ].join('\n')
}

function toolSection(tool: ToolDefinition, shared: readonly Field[]): string[] {
  const { input, output } = toolSchemas(tool)
  const all = fieldsOf(input)
  const isRun = shared.every(({ name, description }) =>
    all.some((each) => each.name === name && each.description === description),
  )
  const own = isRun ? all.filter(({ name }) => !shared.some((each) => each.name === name)) : all
  return [
    `## ${tool.name}`,
    '',
    `**${tool.title}.** Scope ${code(tool.scope)}; ${hintWords(tool.annotations)}.`,
    '',
    tool.description,
    '',
    ...(isRun ? ['Takes [the arguments of every run tool](#arguments-of-every-run-tool).', ''] : []),
    ...(own.length > 0 ? [...argumentTable(own), ''] : isRun ? [] : ['No arguments.', '']),
    ...(tool.secrets.length > 0 ? [`Sealed on arrival, never shown: ${tool.secrets.map(code).join(', ')}.`, ''] : []),
    ...answerWords(tool, fieldsOf(output)),
  ]
}

function argumentTable(fields: readonly Field[]): string[] {
  return table(
    ['argument', 'type', 'default', 'what'],
    fields.map(({ name, type, required, default: fallback, description }) => [
      code(name),
      type,
      required ? '**required**' : fallback,
      description,
    ]),
  )
}

function answerWords(tool: ToolDefinition, fields: readonly Field[]): string[] {
  if (!tool.output) return ['Answers JSON lines: see [results.md](results.md).']
  const twin = tools.find(({ output }) => output === tool.output)
  if (twin !== undefined && twin.name !== tool.name) return [`Answers as [${code(twin.name)}](#${twin.name}) does.`]
  const more = tool.output.type === 'loose_object' ? ['', 'Further fields depend on the scan.'] : []
  const rows = fields.map(({ name, type, required }) => [code(name), required ? type : `${type}; may be absent`])
  return [...table(['answers', 'type'], rows), ...more]
}

/** What a client may assume of a tool, in words. */
function hintWords({ readOnlyHint, destructiveHint, idempotentHint, openWorldHint }: Annotations): string {
  return [
    readOnlyHint ? 'reads only' : destructiveHint ? 'changes or removes things' : 'adds things',
    ...(idempotentHint && !readOnlyHint ? ['calling it again changes nothing more'] : []),
    ...(openWorldHint ? ['reaches the network'] : []),
  ].join(', ')
}
