/** The certificate that a server showed: the first one of the output is its own. */
import type { Told } from '../kinds.ts'
import { eachLine, keyed, makeRows } from './lines.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WRITTEN = /^([A-Z][a-z]{2}) {1,3}(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})/
const DAY_MS = 86_400_000

/** `scanned`: when its host was scanned, from which the days are counted that it has left. */
export function readCertificate(output: string, _pluginName: string, scanned: string | undefined): Told {
  const rows = makeRows('certificates')
  const said = new Map<string, string>()
  let section = ''
  // Keys and extensions may be of any length: what is needed is not among them.
  eachLine(output, (line) => {
    const [key, value] = keyed(line) ?? []
    if (key === undefined || value === undefined) return
    if (key === 'subject name' || key === 'issuer name') section = key
    else if (key === 'serial number') section = ''
    const name = section === '' || key === section ? key : `${section}.${key}`
    if (!said.has(name)) said.set(name, value)
  })
  const expires = momentOf(said.get('not valid after'))
  const named = (of: string): string | undefined =>
    said.get(`${of}.common name`) || said.get(`${of}.organization`) || said.get(`${of}.organization unit`)
  rows.add('expires', {
    certificate: named('subject name'),
    issuer: named('issuer name'),
    valid_from: momentOf(said.get('not valid before')),
    expires,
    days_left: expires === undefined ? undefined : daysLeft(expires, scanned),
    key_bits: /^\d{1,6}/.exec(said.get('key length') ?? '')?.[0],
    signature: said.get('signature algorithm'),
  })
  return rows.done()
}

/** `Sep  4 03:58:04 2055 GMT` as an ISO date with its time. */
function momentOf(written: string | undefined): string | undefined {
  const [, month = '', day = '', time = '', year = ''] = WRITTEN.exec(written?.slice(0, 40) ?? '') ?? []
  const number = MONTHS.indexOf(month) + 1
  if (number === 0) return undefined
  const moment = `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${time}Z`
  return Number.isNaN(Date.parse(moment)) ? undefined : moment
}

/** Whole days, fewer than none when it had expired by then. */
function daysLeft(expires: string, scanned: string | undefined): string | undefined {
  if (scanned === undefined) return undefined
  // The scanner's own time has no zone: it is taken for GMT, as the certificate's is.
  const now = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(scanned) ? scanned : `${scanned}Z`)
  const days = Math.floor((Date.parse(expires) - now) / DAY_MS)
  return Number.isNaN(days) ? undefined : String(days)
}
