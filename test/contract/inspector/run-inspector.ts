/** Runs the command line of the MCP Inspector, pinned, on the Node it needs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0'
const NODE = 'node@24'

export interface Inspection {
  readonly code: number | null
  readonly output: string
}

/** Why it cannot be run here; `undefined` when it can. */
export async function missing(): Promise<string | undefined> {
  const { code, output } = await npx(['node', '--version'])
  return code === 0 ? undefined : `${NODE} or ${INSPECTOR} cannot be had: ${output.trim().split('\n').at(-1) ?? ''}`
}

/** `options` such as `--method tools/list`. */
export function inspect(url: string, options: readonly string[]): Promise<Inspection> {
  return npx([
    'mcp-inspector',
    '--cli',
    '--server-url',
    `${url}/mcp?toolset=all`,
    '--transport',
    'http',
    '-q',
    ...options,
  ])
}

async function npx(command: readonly string[]): Promise<Inspection> {
  const child = spawn('npx', ['-y', '-p', NODE, '-p', INSPECTOR, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
