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
import { Agent, type ClientRequestArgs } from 'node:http'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { ScannerEntry } from '../entry.ts'

/** How a refused certificate is told apart from other failures. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

type Connected = (error: Error | null, socket: Duplex) => void

export class ScannerAgent extends Agent {
  readonly host: string
  readonly port: number
  readonly #entry: Pick<ScannerEntry, 'url' | 'tls'>
  readonly #isTls: boolean
  readonly #connectMs: number

  constructor(
    entry: Pick<ScannerEntry, 'url' | 'tls'>,
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
    const { host, port } = this
    const socket = this.#isTls ? this.#connectTls(host, port) : connectTcp({ host, port, noDelay: true })
    const finish = (error: Error | null): void => {
      clearTimeout(timer)
      socket.off('error', finish)
      if (error) {
        // Later errors of a socket that nobody got have nobody to go to.
        socket.on('error', () => {})
        socket.destroy()
      }
      callback?.(error, socket)
    }
    const timer = setTimeout(() => {
      finish(Object.assign(new Error(`no connection within ${this.#connectMs} ms`), { code: 'ETIMEDOUT' }))
    }, this.#connectMs)
    socket.once('error', finish)
    socket.once(this.#isTls ? 'secureConnect' : 'connect', () => finish(this.#verify(socket)))
    return undefined
  }

  #connectTls(host: string, port: number): TLSSocket {
    const { ca, serverName } = this.#entry.tls
    return connectTls({
      host,
      port,
      ...(ca !== undefined && { ca }),
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
