/** What was judged of a host, as a value to ask for and to group by. */
import type { JUDGED_FIELDS } from '../fields.ts'
import type { HostRecord } from '../store/format.ts'
import type { Scalar } from '../values.ts'

export const JUDGED: Readonly<Record<(typeof JUDGED_FIELDS)[number], (host: HostRecord) => Scalar | undefined>> = {
  host_login: ({ login }) => login,
  host_login_reason: ({ loginReason }) => loginReason || undefined,
  host_reach: ({ reach }) => reach,
  host_minutes: minutesOf,
  host_port_range: ({ portRange }) => portRange,
  host_scanner_version: ({ scannerVersion }) => scannerVersion,
}

export const judgedOf = (name: string) =>
  Object.hasOwn(JUDGED, name) ? JUDGED[name as keyof typeof JUDGED] : undefined

/** Whole minutes from its start to its end. */
function minutesOf({ start, end }: HostRecord): number | undefined {
  const minutes = Math.round((Date.parse(end ?? '') - Date.parse(start ?? '')) / 60_000)
  return minutes >= 0 ? minutes : undefined
}
