/**
 * Opens connections to one scanner and hands out only those it has verified.
 *
 * Node would verify a certificate against CAs only, and its error would not say
 * what certificate was seen. So the handshake is allowed to finish, and *here*
 * it is decided whether the connection is used, before a byte of a request is
 * written. A connection that fails is destroyed: there is no way around it, and
 * NODE_TLS_REJECT_UNAUTHORIZED has no say.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type ClientRequestArgs } from 'node:http'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { callbackify } from 'node:util'
import type { ScannerEntry } from '../entry.ts'
import { openTunnel } from './proxy-tunnel.ts'

/** How a refused certificate is told apart from other failures. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

type Connected = (error: Error | null, socket: Duplex) => void

export class ScannerAgent extends Agent {
  readonly host: string
  readonly port: number
  readonly #entry: Pick<ScannerEntry, 'url' | 'tls' | 'proxy'>
  readonly #isTls: boolean
  readonly #connectMs: number

  constructor(
    entry: Pick<ScannerEntry, 'url' | 'tls' | 'proxy'>,
    options: { connectMs: number; keepAlive: boolean; maxSockets: number },
  ) {
    super({ keepAlive: options.keepAlive, maxSockets: options.maxSockets, maxFreeSockets: options.maxSockets })
    const url = new URL(entry.url)
    this.#entry = entry
    this.#isTls = url.protocol === 'https:'
    this.host = url.hostname.replace(/^\[|\]$/g, '')
    this.port = Number(url.port || (this.#isTls ? 443 : 80))
    this.#connectMs = options.connectMs
  }

  override createConnection(_options: ClientRequestArgs, callback?: Connected): undefined {
    callbackify(() => this.#open())((error, socket) => callback?.(error, socket))
    return undefined
  }

  async #open(): Promise<Socket> {
    const { host, port } = this
    const { proxy } = this.#entry
    const timeUp = new AbortController()
    let open: Socket | undefined
    const timer = setTimeout(() => {
      const late = Object.assign(new Error(`no connection within ${this.#connectMs} ms`), { code: 'ETIMEDOUT' })
      timeUp.abort(late)
      open?.destroy(late)
    }, this.#connectMs)
    try {
      const tunnel = proxy && (await openTunnel(proxy, { host, port, signal: timeUp.signal }))
      open = this.#isTls ? this.#connectTls(tunnel) : (tunnel ?? connectTcp({ host, port, noDelay: true }))
      // Later errors of a socket that nobody got have nobody to go to.
      open.on('error', () => {})
      if (open !== tunnel) await once(open, this.#isTls ? 'secureConnect' : 'connect')
      const refused = this.#verify(open)
      if (refused) throw refused
      return open
    } catch (error) {
      open?.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #connectTls(tunnel: Socket | undefined): TLSSocket {
    const { host, port } = this
    const { ca, serverName, client } = this.#entry.tls
    return connectTls({
      host,
      port,
      ...(tunnel && { socket: tunnel }),
      ...(ca !== undefined && { ca }),
      ...(client && { cert: client.certificate, key: client.key }),
      // An address is no server name (RFC 6066), though the certificate is held against it all the same.
      ...(serverName !== undefined ? { servername: serverName } : isIP(host) === 0 && { servername: host }),
      // See the top: #verify decides.
      rejectUnauthorized: false,
    })
  }

  #verify(socket: Socket | TLSSocket): Error | null {
    if (!('getPeerX509Certificate' in socket)) return null
    const { fingerprint, insecure } = this.#entry.tls
    if (insecure === true) return null
    const certificate = socket.getPeerX509Certificate()
    const seen = certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? 'none'
    if (fingerprint !== undefined) {
      const key = certificate?.publicKey.export({ type: 'spki', format: 'der' })
      const seenKey = key && createHash('sha256').update(key).digest('hex')
      if (fingerprint === seen || fingerprint === seenKey) return null
      return new CertificateError(
        `its certificate is not the one configured: expected SHA-256 ${fingerprint}, got ${seen} (public key ${seenKey ?? 'none'}). If it was renewed, correct tls.fingerprint; if not, someone may be in between`,
      )
    }
    if (socket.authorized) return null
    return new CertificateError(
      `its certificate is not trusted (${String(socket.authorizationError)}). After comparing it with the scanner's own, set tls.fingerprint: ${seen}, or set tls.ca (and tls.server_name if its name differs)`,
    )
  }
}
