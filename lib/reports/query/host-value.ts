/** What is known of a host in one value, to ask for and to group by alike. */
import type { JUDGED_FIELDS } from '../fields.ts'
import type { HostRecord } from '../store/format.ts'
import type { Scalar } from '../values.ts'

type Known = 'host_netbios' | 'host_mac' | 'host_credentialed' | (typeof JUDGED_FIELDS)[number]

const HOST_VALUES: Readonly<Record<Known, (host: HostRecord) => Scalar | undefined>> = {
  host_netbios: ({ netbios }) => netbios,
  host_mac: ({ mac }) => mac,
  host_credentialed: ({ credentialed }) => credentialed,
  host_login: ({ login }) => login,
  host_login_reason: ({ loginReason }) => loginReason || undefined,
  host_reach: ({ reach }) => reach,
  host_minutes: minutesOf,
  host_port_range: ({ portRange }) => portRange,
  host_scanner_version: ({ scannerVersion }) => scannerVersion,
}

export const hostValueOf = (name: string) => (Object.hasOwn(HOST_VALUES, name) ? HOST_VALUES[name as Known] : undefined)

/** Whole minutes from its start to its end. */
function minutesOf({ start, end }: HostRecord): number | undefined {
  const minutes = Math.round((Date.parse(end ?? '') - Date.parse(start ?? '')) / 60_000)
  return minutes >= 0 ? minutes : undefined
}
