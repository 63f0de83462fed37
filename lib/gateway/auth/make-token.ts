/** Makes a bearer token: shown once, while the tokens file gets only its hash. */
import type { Scope } from '../../runtime/nature.ts'
import { hashToken } from './token-file.ts'

const TOKEN_BYTES = 32

export interface NewToken {
  /** To be given to the caller; it is kept nowhere. */
  readonly token: string
  /** The entry for the tokens file, as YAML. */
  readonly entry: string
}

export function makeToken({
  name,
  scopes,
  expires,
  toolset,
  randomBytes,
}: {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** A date such as 2027-01-31. */
  readonly expires?: string | undefined
  /** Which tools are listed to it, such as `all`. */
  readonly toolset?: string | undefined
  readonly randomBytes: (bytes: number) => Uint8Array
}): NewToken {
  const token = `nmcp_${Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')}`
  const lines = [
    `- name: ${name}`,
    `  sha256: ${hashToken(token).toString('hex')}`,
    `  scopes: [${scopes.join(', ')}]`,
    ...(expires === undefined ? [] : [`  expires: ${expires}`]),
    ...(toolset === undefined ? [] : [`  toolset: ${toolset}`]),
  ]
  return { token, entry: `${lines.join('\n')}\n` }
}
