/** What a tool does to the world, in one word; what clients may assume and what a token must allow follow from it. */

/** What a client may assume of a tool, in MCP's words. */
export interface Annotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  /** It touches things beyond this system: it makes a scanner send packets, or changes what stands there. */
  readonly openWorldHint: boolean
}

/** What a token must allow: read records, run and stop scans, or everything. */
export type Scope = 'scan:read' | 'scan:run' | 'admin'

interface Consequences {
  readonly annotations: Annotations
  /** What a token must allow, where the tool says nothing else. */
  readonly scope: Scope
  /** A caller that had no answer may call again and nothing happens twice, where the tool says nothing else. */
  readonly mayBeRepeated: boolean
  /** Its call may be answered with a task that lasts as long as the scan. */
  readonly isTask: boolean
}

export const NATURES = {
  reads: {
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    scope: 'scan:read',
    mayBeRepeated: true,
    isTask: false,
  },
  'starts-scan': {
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    scope: 'scan:run',
    mayBeRepeated: false,
    isTask: true,
  },
  changes: {
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    scope: 'scan:run',
    mayBeRepeated: false,
    isTask: false,
  },
  destroys: {
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    scope: 'scan:run',
    mayBeRepeated: false,
    isTask: false,
  },
} as const satisfies Readonly<Record<string, Consequences>>

export type Nature = keyof typeof NATURES
