/** Says in a sentence why a scanner could not be talked to, and what to do. All of these are temporary. */
import { ConnectionLostError, ScannerAwayError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import { ProxyError } from './proxy-tunnel.ts'
import { CertificateError } from './scanner-agent.ts'
import type { ScannerRequest } from './exchange.ts'

const LOST = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_EOF_STATE'])

/** Wraps whatever went wrong below HTTP; the message names scanner, host and request. */
export function networkError(
  error: unknown,
  { entry, request }: { entry: ScannerEntry; request: ScannerRequest },
): ScannerAwayError {
  const { hostname, host } = new URL(entry.url)
  const what = `${request.method} ${request.route}`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = (sentence: string): string => `scanner ${entry.key} (${host}): ${sentence}`
  const options = { scanner: entry.key, cause: error }
  if (LOST.has(code)) {
    // A TLS port that is spoken to without TLS often says nothing.
    const hint = entry.url.startsWith('http:') ? '; if it lasts, check whether its url should begin with https://' : ''
    return new ConnectionLostError(message(`the connection was dropped during ${what}${hint}`), options)
  }
  if (error instanceof CertificateError || error instanceof ProxyError)
    return new ScannerAwayError(message(error.message), options)
  return new ScannerAwayError(message(sentenceFor(code, { error, hostname, what })), options)
}

function sentenceFor(
  code: string,
  { error, hostname, what }: { error: unknown; hostname: string; what: string },
): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${hostname} cannot be resolved (${code}); check its url and the DNS of this machine`
    case 'ECONNREFUSED':
      return 'the connection was refused; check that Nessus runs and that the port in its url is right'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to it (${code}); check the network between this machine and the scanner`
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
      return `it refused the TLS handshake (${code}), as one does that demands a client certificate; set tls.client_certificate and tls.client_key, or correct them`
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_DH_KEY_TOO_SMALL':
    case 'ERR_SSL_EE_KEY_TOO_SMALL':
    case 'ERR_SSL_CA_MD_TOO_WEAK':
      return `its TLS is older than TLS 1.2, or its keys are too weak (${code}); update it, or put a proxy with current TLS before it`
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS as expected; check whether its url should begin with http:// or https://'
    case 'HPE_INVALID_CONSTANT':
      return 'it does not speak HTTP, as a TLS port does; check whether its url should begin with https://'
    default:
      return `${what} failed: ${error instanceof Error ? error.message : String(error)}`
  }
}
