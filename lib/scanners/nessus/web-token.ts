/**
 * The web interface's own token. It stands in a script that the scanner serves
 * to everyone, is the same for a whole installation and changes when Nessus is
 * upgraded. Used only where `web_session: true`: see docs/scanners.md.
 */
import { ScannerAwayError } from '../away-error.ts'
import type { Transport } from './transport.ts'

const TOKEN = /getApiToken[\s\S]{0,120}?["']([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})["']/i

export interface WebToken {
  /** The token, fetched once for all who ask. Throws a ScannerAwayError when the script has none: a proxy's page has none either. */
  get(): Promise<string>
  /** Makes the next {@link get} fetch it again, unless somebody has done so since `used` was current. */
  forget(used: string): void
}

export function makeWebToken({ transport, scanner }: { transport: Transport; scanner: string }): WebToken {
  let fetching: Promise<string> | undefined
  let current: string | undefined

  const fetchToken = async (): Promise<string> => {
    const { status, text } = await transport.send({ method: 'GET', path: '/nessus6.js', route: '/nessus6.js' })
    const token = TOKEN.exec(text)?.[1]
    if (status !== 200 || token === undefined) {
      throw new ScannerAwayError(
        `scanner ${scanner}: the web interface's token was not found in /nessus6.js (status ${status}); its web interface may be disabled, or this version keeps it elsewhere, so launching by web_session is not possible`,
        { scanner },
      )
    }
    current = token
    return token
  }

  return {
    get() {
      fetching ??= fetchToken().catch((error: unknown) => {
        fetching = undefined
        throw error
      })
      return fetching
    },
    forget(used) {
      if (used !== current) return
      fetching = undefined
      current = undefined
    },
  }
}
