/** The settings part of a scan template: which fields there are, in which mode they count, and which plugin families can be chosen. */
import { Refused } from './refusal.ts'

export const FAMILIES: readonly string[] = [
  'CGI abuses',
  'DNS',
  'Databases',
  'General',
  'Port scanners',
  'Service detection',
  'Settings',
  'Web Servers',
  'Windows',
]
/** The templates in which each field and each plugin is chosen by hand. */
const BY_HAND: ReadonlySet<string> = new Set(['advanced', 'custom'])
export const isByHand = (template: string): boolean => BY_HAND.has(template)
const MODES = ['Port scan (common ports)', 'Port scan (all ports)', 'Custom']
const PORTS = /^(?:default|all|(?:[TUS]:)?\d{1,5}(?:-\d{1,5})?(?:,(?:[TUS]:)?\d{1,5}(?:-\d{1,5})?)*)$/i
const DEFAULTS = {
  portscan_range: 'default',
  ping_the_remote_host: 'yes',
  max_hosts_per_scan: '100',
  max_checks_per_host: '5',
  reduce_connections_on_congestion: 'no',
  safe_checks: 'yes',
} as const
const FLAGS: ReadonlySet<string> = new Set(['ping_the_remote_host', 'reduce_connections_on_congestion', 'safe_checks'])

export type SetFields = Readonly<Record<string, string>>

/** `set` is what a scan has set. Host discovery has no checks, and so none of their fields. */
export function settingsForm(template: string, set: SetFields = {}): { discovery: object; advanced: object } {
  const input = (id: keyof typeof DEFAULTS) => ({
    id,
    name: id,
    type: FLAGS.has(id) ? 'checkbox' : 'entry',
    required: false,
    default: set[id] ?? DEFAULTS[id],
    ...(FLAGS.has(id) ? { options: ['yes', 'no'] } : {}),
  })
  const modes = (id: string) =>
    BY_HAND.has(template)
      ? {}
      : { modes: { id, name: 'Scan Type', default: set[id] ?? MODES[0], options: MODES.map((name) => ({ name })) } }
  const part = (name: string, inputs: readonly object[]) => ({
    groups: [{ name, title: name, sections: [{ name, title: name, inputs }] }],
  })
  const performance = [
    input('max_hosts_per_scan'),
    input('max_checks_per_host'),
    input('reduce_connections_on_congestion'),
  ]
  return {
    discovery: {
      ...part('network_discovery', [input('portscan_range'), input('ping_the_remote_host')]),
      ...modes('discovery_mode'),
    },
    advanced: {
      ...part('performance', template === 'discovery' ? performance : [input('safe_checks'), ...performance]),
      ...modes('advanced_mode'),
    },
  }
}

export type Individual = Readonly<Record<string, Readonly<Record<string, string>>>>

/** `on` are those that a scan has left on. */
export function familiesForm(
  template: string,
  on: readonly string[] = FAMILIES,
  individual: Individual = {},
): Readonly<Record<string, object>> {
  if (!BY_HAND.has(template)) return {}
  return Object.fromEntries(
    FAMILIES.map((name, at) => {
      const some = individual[name]
      const status = some ? 'mixed' : on.includes(name) ? 'enabled' : 'disabled'
      return [name, { id: at + 1, count: 10, status, ...(some && { individual: some }) }]
    }),
  )
}

/** Those of the posted settings that the form of a template knows. Refuses values of another kind. */
export function readSettings(posted: Readonly<Record<string, unknown>>): SetFields {
  const known = [...Object.keys(DEFAULTS), 'discovery_mode', 'advanced_mode']
  const set: Record<string, string> = {}
  for (const id of known) {
    const value = posted[id]
    if (value === undefined) continue
    const isWord = typeof value === 'string' && (!FLAGS.has(id) || value === 'yes' || value === 'no')
    if (!isWord || (id === 'portscan_range' && !PORTS.test(value))) throw new Refused(400, `Invalid '${id}' field`)
    set[id] = value
  }
  return set
}

/** Single plugins, by families of which some are on. */
export function readIndividual(
  posted: Readonly<Record<string, { readonly individual?: Readonly<Record<string, string>> | undefined }>>,
): Individual {
  return Object.fromEntries(
    Object.entries(posted).flatMap(([name, { individual }]) => (individual ? [[name, individual]] : [])),
  )
}

/** The families that are left on; all where none is posted. */
export function readFamilies(posted: Readonly<Record<string, { readonly status?: string | undefined }>>): string[] {
  const unknown = Object.keys(posted).find((name) => !FAMILIES.includes(name))
  if (unknown !== undefined) throw new Refused(400, "Invalid 'plugins' field")
  return FAMILIES.filter((name) => posted[name]?.status !== 'disabled')
}
