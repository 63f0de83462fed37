import { isIP } from 'node:net'
import { PermanentError } from '../../base/errors.ts'

/** Throws PermanentError when a gateway would listen beyond this machine without asking who calls. */
export function requireLock({ host, tokens, noAuth }: { host: string; tokens: boolean; noAuth: boolean }): void {
  if (tokens || noAuth || isLoopback(host)) return
  throw new PermanentError(
    `HOST is ${host}: others could start scans without a token. Set AUTH_TOKENS_FILE (make a token with \`nessus-mcp token new\`), ` +
      'or HOST=127.0.0.1, or NO_AUTH=true if something in front of the gateway checks who calls.',
  )
}

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) === 4) return address.startsWith('127.')
  return address === '::1' || address === 'localhost'
}
