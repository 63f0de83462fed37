/**
 * Which tools a list shows. A list is read by a model in every conversation, so what stands in it unasked is kept short; every
 * tool answers when it is called, listed or not. A tool has one home; a client may ask for others, by their names.
 */
import { Refusal } from '../base/errors.ts'
import { describeValue } from '../base/our-words.ts'

export const TOOLSETS = {
  default: 'Scan, wait, read, count, compare, stop, delete: what is listed when a client asks for nothing.',
  scanners: 'Pools, queues, scan templates, and the scans that people made at a scanner.',
  control: 'Pause and resume.',
  details: 'One finding whole, findings first and last seen, the settings of a scan, report files in and out.',
  older: 'Older names of other tools and of their arguments, for clients of earlier documents.',
} as const satisfies Readonly<Record<string, string>>

export type Toolset = keyof typeof TOOLSETS

const ALL = 'all'
const NAMES = Object.keys(TOOLSETS) as Toolset[]
/** What can be asked for, in words. */
export const TOOLSET_NAMES = `${NAMES.join(', ')} or ${ALL}`

export const TOOLSETS_UNASKED: ReadonlySet<Toolset> = new Set(['default'])

/** Reads names with commas between, such as `default,scanners`, or `all`; nothing is {@link TOOLSETS_UNASKED}. Throws a Refusal that tells the names. */
export function readToolsets(text: string): ReadonlySet<Toolset> {
  const asked = namesIn(text)
  const wrong = asked.find((name) => !isName(name))
  if (wrong !== undefined) {
    const message = `toolset: expected ${TOOLSET_NAMES}, with commas between; got ${describeValue(wrong)}.`
    throw new Refusal('invalid_argument', message, { arguments: ['toolset'] })
  }
  if (asked.length === 0) return TOOLSETS_UNASKED
  return new Set(asked.includes(ALL) ? NAMES : asked.filter(isToolset))
}

export const isToolsets = (text: string): boolean => namesIn(text).every(isName)

const namesIn = (text: string) => text.split(',').flatMap((name) => name.trim().toLowerCase() || [])
const isToolset = (name: string): name is Toolset => Object.hasOwn(TOOLSETS, name)
const isName = (name: string) => name === ALL || isToolset(name)

/** Arguments that few conversations need: listed only where this toolset is asked for too, and taken from everybody. */
export const LISTED_WITH: Readonly<Record<string, Toolset>> = {
  policy: 'scanners',
  settings: 'scanners',
  more_credentials: 'scanners',
  ssh_port: 'scanners',
  start_remote_registry: 'scanners',
  enable_admin_shares: 'scanners',
}

/** How the description of an argument says that it is an older name or form of another one: such are listed with the toolset `older`. */
export const sameAs = (argument: string, how = ''): string => `Same as ${argument}${how}.`
export const isOlderName = (description: unknown): boolean =>
  typeof description === 'string' && /^Same as \w+\b/.test(description)
