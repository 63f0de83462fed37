/** Runs the official conformance suite, pinned, on the Node it needs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const SUITE = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const NODE = 'node@24'
const NPX = ['-y', '-p', NODE, '-p', SUITE, '-c']

export interface SuiteRun {
  readonly code: number | null
  readonly output: string
}

async function npx(command: string): Promise<SuiteRun> {
  const child = spawn('npx', [...NPX, command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

/** Why the suite cannot be run here; `undefined` when it can. */
export async function missing(): Promise<string | undefined> {
  const { code, output } = await npx('conformance --version')
  return code === 0 ? undefined : `${NODE} or ${SUITE} cannot be had: ${output.trim().split('\n').at(-1) ?? ''}`
}

/** `options` such as `--requirements 2026-07-28` or `--scenario tasks-lifecycle`. */
export function runSuite(url: string, options: string): Promise<SuiteRun> {
  return npx(`conformance server --url ${url} ${options}`)
}
