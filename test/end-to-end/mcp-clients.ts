/** Both official MCP clients, as agents use them, behind one small face. */
import { Client as NewerClient, StreamableHTTPClientTransport as NewerTransport } from '@modelcontextprotocol/client'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport as OlderTransportPort } from '@modelcontextprotocol/sdk/shared/transport.js'

export interface Progress {
  readonly progress: number
  readonly total?: number | undefined
  readonly message?: string | undefined
}

export interface Agent {
  call(tool: string, args: Record<string, unknown>, onProgress?: (progress: Progress) => void): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly isError: boolean
  readonly text: string
  readonly structured: Readonly<Record<string, unknown>>
}

const CALL_MAX_MS = 60_000

interface RawAnswer {
  readonly isError?: boolean | undefined
  readonly content?: unknown
  readonly structuredContent?: unknown
}

export const AGENTS: Readonly<Record<string, (url: string) => Promise<Agent>>> = {
  /** 1.x: protocol 2025-11-25 and before. */
  async older(url) {
    const client = new OlderClient({ name: 'older', version: '1' })
    // Its own types do not agree about undefined under exactOptionalPropertyTypes.
    await client.connect(new OlderTransport(new URL(`${url}/mcp`)) as OlderTransportPort)
    return {
      call: async (name, args, onprogress) =>
        readAnswer((await client.callTool({ name, arguments: args }, undefined, optionsFor(onprogress))) as RawAnswer),
      close: () => client.close(),
    }
  },
  /** 2.x: protocol 2026-07-28. */
  async newer(url) {
    const client = new NewerClient({ name: 'newer', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new NewerTransport(new URL(`${url}/mcp`)))
    return {
      call: async (name, args, onprogress) =>
        readAnswer(await client.callTool({ name, arguments: args }, optionsFor(onprogress))),
      close: () => client.close(),
    }
  },
}

function optionsFor(onprogress: ((progress: Progress) => void) | undefined) {
  return { timeout: CALL_MAX_MS, ...(onprogress === undefined ? {} : { onprogress }) }
}

function readAnswer({ isError, content, structuredContent }: RawAnswer): Answer {
  const parts = (content ?? []) as { text?: string }[]
  return {
    isError: isError === true,
    text: parts.map(({ text }) => text ?? '').join('\n'),
    structured: (structuredContent ?? {}) as Answer['structured'],
  }
}
