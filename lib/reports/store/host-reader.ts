/** Collects one host: its properties and what was counted on it. */
import { type LoginTags, loginTags } from '../judge/evidence.ts'
import { booleanOf, isoDate } from '../values.ts'
import { MARK_TAGS, type Marks, marksOf, hostNames } from '../hosts/marks.ts'
import type { HostRecord } from './format.ts'
import { detached } from './text-writer.ts'

const VALUE_CHARS_MAX = 1000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WRITTEN = /^[A-Z][a-z]{2}\s+([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{2}:\d{2}:\d{2})\s+(\d{4})$/

/** A host as it was read, before it is judged. */
export type ReadHost = Omit<HostRecord, 'same' | 'reach' | 'login' | 'access' | 'loginReason'>

export interface HostReader {
  readonly name: string
  property(name: string, value: string): void
  count(severity: number, compliance: boolean): void
  /** When its scan began, as far as its properties have been read. */
  start(): string | undefined
  /** What its properties say of the login. */
  login(): LoginTags
  done(): ReadHost
}

export function makeHostReader(hostName: string): HostReader {
  const name = detached(hostName)
  const properties = new Map<string, string>()
  const severities: [number, number, number, number, number] = [0, 0, 0, 0, 0]
  let compliance = 0
  const of = (...keys: string[]): string | undefined => keys.map((key) => properties.get(key)).find(Boolean)
  const start = (): string | undefined =>
    epoch(of('HOST_START_TIMESTAMP')) ?? written(of('HOST_START', 'HOST_START_TIME'))
  return {
    name,
    property(key, value) {
      if (value !== '' && KEPT.has(key) && !properties.has(key)) {
        properties.set(key, detached(value.slice(0, VALUE_CHARS_MAX)))
      }
    },
    count(severity, isCompliance) {
      if (isCompliance) compliance++
      else severities[severity as 0 | 1 | 2 | 3 | 4]++
    },
    start,
    login: () => loginTags((key) => properties.get(key)),
    done() {
      const end = epoch(of('HOST_END_TIMESTAMP')) ?? written(of('HOST_END', 'HOST_END_TIME'))
      const credentialed = booleanOf(of('Credentialed_Scan') ?? '')
      const texts = {
        ip: of('host-ip'),
        fqdn: of('host-fqdn', 'host-rdns', 'hostname'),
        os: of('operating-system', 'os'),
        netbios: of('netbios-name'),
        mac: of('mac-address'),
        start: start(),
        end,
      }
      const said = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined))
      const marks: Marks = marksOf(name, (key) => properties.get(key))
      const tag = credentialed === undefined ? {} : { credentialed }
      return { name, ...said, ...tag, severities, compliance, marks, names: hostNames(name, marks) }
    },
  }
}

const KEPT: ReadonlySet<string> = new Set([
  ...MARK_TAGS,
  ...`host-ip host-fqdn host-rdns hostname operating-system os netbios-name mac-address HOST_START HOST_END HOST_START_TIME
  HOST_END_TIME HOST_START_TIMESTAMP HOST_END_TIMESTAMP Credentialed_Scan LastAuthenticatedResults
  LastUnauthenticatedResults local-checks-proto ssh-login-used smb-login-used`.split(/\s+/),
])

function epoch(seconds: string | undefined): string | undefined {
  if (seconds === undefined || !/^\d{1,11}$/.test(seconds)) return undefined
  return new Date(Number(seconds) * 1000).toISOString()
}

/** `Fri Jan  5 10:00:00 2024` is the scanner's local time: written as a date without a zone, so as not to claim one. */
function written(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [, month = '', day = '', time = '', year = ''] = WRITTEN.exec(text) ?? []
  const number = MONTHS.indexOf(month) + 1
  if (number === 0) return isoDate(text)
  return `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${time}`
}
