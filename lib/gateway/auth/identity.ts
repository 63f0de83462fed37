/** Who calls, and what they may do. */
import { Refusal } from '../../base/errors.ts'
import type { Scope } from '../../runtime/nature.ts'
import type { Toolset } from '../../runtime/toolset.ts'

export const SCOPES = ['scan:read', 'scan:run', 'admin'] as const satisfies readonly Scope[]

export interface Identity {
  /** The name of the token; absent where no tokens are needed. */
  readonly name: string | undefined
  /** What is allowed, implied scopes included. */
  readonly scopes: readonly Scope[]
  /** Which tools are listed to it, where its URL asks for none in particular. */
  readonly toolsets?: ReadonlySet<Toolset>
}

/** Where there are no tokens, everybody may do everything. */
export const ANYBODY: Identity = { name: undefined, scopes: SCOPES }

/** Who may start scans may look at them; an admin may do everything. */
export function impliedScopes(scopes: readonly Scope[]): readonly Scope[] {
  if (scopes.includes('admin')) return SCOPES
  return scopes.includes('scan:run') ? ['scan:read', 'scan:run'] : scopes
}

/** Throws a Refusal when `identity` may not do what needs `scope`. */
export function demandScope({ name, scopes }: Identity, scope: Scope, what: string): void {
  if (scopes.includes(scope)) return
  throw new Refusal(
    'forbidden',
    `${what} needs the scope ${scope}; the token ${name ?? ''} has ${scopes.join(', ') || 'none'}. Ask an administrator for a token with it.`,
    { scope },
  )
}
