/** The way a call came in, for the log: our command line says so of itself. Nothing is allowed or forbidden by it. */
export const SOURCE_HEADER = 'x-nessus-mcp-source'
export const COMMAND_LINE = 'cli'

export type CallSource = 'mcp' | 'http' | 'stdio' | typeof COMMAND_LINE

export function sourceOf(headers: Pick<Headers, 'get'> | undefined, otherwise: CallSource): CallSource {
  return headers?.get(SOURCE_HEADER) === COMMAND_LINE ? COMMAND_LINE : otherwise
}
