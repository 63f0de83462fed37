/** MCP over standard input and output, for clients that start their servers themselves. Whoever starts it may do everything. */
import type { Transport } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Log } from '../../base/log.ts'
import { type Toolset, TOOLSETS_UNASKED } from '../../runtime/toolset.ts'
import { ANYBODY } from '../auth/identity.ts'
import type { MakeServer } from './call-context.ts'

export interface StdioOptions {
  readonly makeServer: MakeServer
  readonly makeTraceparent: () => string
  /** Which tools are listed. */
  readonly toolsets?: ReadonlySet<Toolset>
  /** Must not write to standard output: that is the protocol's. */
  readonly log: Log
  /** Instead of this process's own standard input and output. */
  readonly transport?: Transport
}

/** Serves until standard input ends or it is closed. */
export function startStdio({ makeServer, makeTraceparent, toolsets = TOOLSETS_UNASKED, log, ...own }: StdioOptions): {
  close(): Promise<void>
} {
  return serveStdio(
    // Each connection makes one server, so its calls share a trace unless they bring their own.
    (context) => makeServer({ identity: ANYBODY, traceparent: makeTraceparent(), toolsets }, context),
    { ...own, onerror: (error) => log.warn('mcp over stdio', { error: error.message }) },
  )
}
