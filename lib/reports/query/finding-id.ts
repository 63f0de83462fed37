/**
 * The id of a finding: `host/port/protocol/plugin[/check]/number`. It is built
 * only from what names the finding, so it survives a re-parse and is the same
 * for the same finding in the next scan of the host. Output has no part in it.
 */
import { createHash } from 'node:crypto'

export interface FindingKey {
  readonly host: string
  readonly port: number
  readonly protocol: string
  readonly pluginId: number
  /** Empty for a vulnerability. */
  readonly check: string
  readonly serial: number
}

const PLAIN_HOST = /^[A-Za-z0-9._:%-]{1,80}$/

export function findingId(key: FindingKey): string {
  const check = key.check === '' ? '' : `/${key.check}`
  return `${hostPart(key.host)}/${key.port}/${key.protocol || '-'}/${key.pluginId}${check}/${key.serial}`
}

/** A host that is a URL, or has other characters than names and addresses, goes by its hash. */
function hostPart(host: string): string {
  if (PLAIN_HOST.test(host)) return host
  return `h${createHash('sha256').update(host).digest('hex').slice(0, 12)}`
}
