/**
 * What each plugin that speaks of the login says with it. One table: a plugin
 * that is not here is not collected, and one that is here is judged.
 */

/**
 * Signs, as the plugins give them:
 *  local       local checks ran                   noLocal      they did not
 *  login       a login worked                     refused      what was supplied was refused
 *  power       as root, administrator, escalated  lacking      rights were missing for some of the checks
 *  unsteady    it worked only some of the time    unsupported  no local checks for this system
 *  network     no connection for it               noneGiven    no credential for what the host offers
 *  gentle      least privilege was asked for      dead         the host did not answer
 */
export type Sign =
  | 'local'
  | 'noLocal'
  | 'login'
  | 'refused'
  | 'power'
  | 'lacking'
  | 'unsteady'
  | 'unsupported'
  | 'network'
  | 'noneGiven'
  | 'gentle'
  | 'escalationFailed'
  | 'dead'

interface LoginPlugin {
  readonly name: string
  /** Signs given by being there at all. */
  readonly always?: readonly Sign[]
  /** Signs given by its words. */
  readonly words?: readonly (readonly [RegExp, readonly Sign[]])[]
}

const ROOT = /^[ \t]*(?:User(?:\s*name)?|Account)\s*:\s*'?root'?\s*$/im
const ESCALATED = /^[ \t]*Escalation(?: method)?\s*:\s*(?!none\b|\(none\)|nothing\b)\S/im
const OVER_SMB = /^[ \t]*Proto(?:col)?\s*:\s*SMB\b/im
const LOGGED_IN =
  /(?<!not )possible to log ?in|(?<!un)(?<!not )able to log ?in|login (?:succeeded|successful)|(?<!not )logged in/i
const NOT_LOGGED_IN = /not possible to log ?in|(?:unable|failed|not able) to (?:log ?in|authenticate)|login failed/i
const LOCAL_ENABLED = /local (?:security )?checks have been enabled|patch assessment is available/i
const ESCALATION_FAILED =
  /(?:elevate|escalat)[^.]{0,200}(?:fail|unable|not succe)|(?:fail|unable)[^.]{0,200}(?:elevate|escalat)/i
export const NO_CONNECTION =
  /unable to (?:create|open) a socket|could not (?:connect|open a socket)|connection (?:was )?(?:refused|reset)|timed? ?out|no route to host|network (?:is )?unreachable|port (?:is )?closed/i

/** Over SSH, both generations of the plugin say the same. */
const OVER_SSH: LoginPlugin['words'] = [
  [LOGGED_IN, ['login']],
  [LOCAL_ENABLED, ['login', 'local']],
  [ESCALATION_FAILED, ['escalationFailed', 'lacking']],
]

export const LOGIN_PLUGINS: ReadonlyMap<number, LoginPlugin> = new Map<number, LoginPlugin>([
  [
    19506,
    {
      name: 'Nessus Scan Information',
      words: [
        [/^Credentialed checks\s*:\s*yes\b/im, ['local']],
        [/^Credentialed checks\s*:\s*no\b/im, ['noLocal']],
        [/^Credentialed checks\s*:\s*yes,?\s+as\s+'?root'?\s+via/im, ['power']],
        // Plugin 24786 tells when an account over SMB is no administrator.
        [/^Credentialed checks\s*:\s*yes,?\s.*\bvia\s+SMB\b/im, ['power']],
        [/^Attempt Least Privilege\s*:\s*yes\b/im, ['gentle']],
      ],
    },
  ],
  [
    141118,
    {
      name: 'Valid Credentials Provided',
      always: ['login'],
      words: [
        [ROOT, ['power']],
        [ESCALATED, ['power']],
      ],
    },
  ],
  [
    104410,
    {
      name: 'Failure for Provided Credentials',
      always: ['refused'],
      words: [[NO_CONNECTION, ['network']]],
    },
  ],
  [110385, { name: 'Insufficient Privilege', always: ['login', 'lacking'] }],
  [110723, { name: 'No Credentials Provided', always: ['noneGiven'] }],
  [110095, { name: 'No Issues Found', always: ['login'] }],
  [110695, { name: 'Checks Not Supported', always: ['login', 'unsupported'] }],
  [117885, { name: 'Intermittent Authentication Failure', always: ['login', 'unsteady'] }],
  [117886, { name: 'OS Security Patch Assessment Not Available', always: ['noLocal'] }],
  [
    117887,
    {
      name: 'OS Security Patch Assessment Available',
      always: ['local'],
      words: [
        [ROOT, ['power']],
        [OVER_SMB, ['power']],
      ],
    },
  ],
  [
    21745,
    {
      name: 'OS Security Patch Assessment Failed',
      words: [
        [NO_CONNECTION, ['network']],
        [new RegExp(`^(?![\\s\\S]*(?:${NO_CONNECTION.source}))`, 'i'), ['refused']],
      ],
    },
  ],
  [97993, { name: 'OS Identification and Installed Software Enumeration over SSH', words: OVER_SSH }],
  [12634, { name: 'OS Name and Installed Package Enumeration', words: OVER_SSH }],
  [102094, { name: 'SSH Commands Require Privilege Escalation', always: ['login', 'lacking'] }],
  [24786, { name: 'Windows Scan Not Performed with Admin Privileges', always: ['lacking'] }],
  [10428, { name: 'SMB Registry Not Fully Accessible', always: ['lacking'] }],
  [26917, { name: 'SMB Registry: Cannot Access the Windows Registry', always: ['lacking'] }],
  // The patches were read from a management system: nobody logged in to the host itself.
  [122502, { name: 'Integration Credential Status: Valid' }],
  [
    10180,
    {
      name: 'Ping the remote host',
      words: [[/considered as dead|is dead\b|did ?n[o']t respond|not respond/i, ['dead']]],
    },
  ],
])

/** What plugin `pluginId` says with `said`. */
export function signsIn(pluginId: number, said: string): readonly Sign[] {
  const plugin = LOGIN_PLUGINS.get(pluginId)
  if (!plugin) return []
  const spoken = (plugin.words ?? []).flatMap(([pattern, signs]) => (pattern.test(said) ? signs : []))
  // Words that deny the login outweigh those that look like one.
  const denied = plugin.words === OVER_SSH && NOT_LOGGED_IN.test(said)
  return [...(plugin.always ?? []), ...spoken].filter((sign) => !denied || (sign !== 'login' && sign !== 'local'))
}
