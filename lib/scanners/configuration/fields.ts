/**
 * The fields that the configuration file knows, with their checks, and how a
 * mapping is held against them. No message ever repeats the value of a secret.
 */
import * as v from 'valibot'
import { didYouMean } from '../../base/near-names.ts'
import {
  AUTH_METHODS,
  CREDENTIAL_FIELD_NAMES,
  CREDENTIAL_FIELDS,
  type CredentialFieldName,
  type CredentialValues,
  DEFAULT_AUTH_METHOD,
} from '../../facts/credential-fields.ts'
import {
  CREDENTIAL_SETTING_NAMES,
  CREDENTIAL_SETTINGS,
  type CredentialSettingName,
  type CredentialSettings,
} from '../../facts/credential-settings.ts'
import { isTargetRule } from '../target-policy.ts'
import { FILE_KEYS } from './secret-files.ts'
import type { Path, Source } from './source.ts'

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('expected text, got none'))
/** Says neither what came nor how long it is. */
const secret = v.pipe(v.string('expected text in quotes'), v.nonEmpty('expected text, got none'))
// Variables arrive as text, so "2" and "true" are taken too.
const count = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], 'expected a whole number'),
  v.integer('expected a whole number'),
)
const flag = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((word) => word === 'true'),
    ),
  ],
  'expected true or false',
)
const ruleList = v.array(
  v.pipe(
    v.string(),
    v.trim(),
    v.check(isTargetRule, 'expected a CIDR, an address, a range or a name such as *.example.org'),
  ),
)
const rules = v.nullish(ruleList, [])
const names = (pattern: RegExp, expected: string) => v.array(v.pipe(v.string(), v.trim(), v.regex(pattern, expected)))

export const INSTANCE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/i
export const CONCURRENT_SCANS_MAX = 100

const connectionFields = {
  username: v.optional(secret),
  password: v.optional(secret),
  access_key: v.optional(secret),
  secret_key: v.optional(secret),
}

export const tlsFields = {
  ca: v.optional(text),
  fingerprint: v.optional(text),
  insecure: v.optional(flag),
  server_name: v.optional(text),
  client_certificate: v.optional(secret),
  client_key: v.optional(secret),
}

const EVERY_MIN_MS = 5 * 60_000
const EVERY_MAX_MS = 30 * 86_400_000
const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const EVERY = 'expected how often, 5m to 30d, such as 30m, 6h or 1d'
const RUNS_EACH_MAX = 5000

export const adoptFields = {
  every: v.pipe(
    v.string(EVERY),
    v.regex(/^\d{1,5} ?[mhd]$/, EVERY),
    v.transform((text) => Number.parseInt(text, 10) * UNITS_MS[text.at(-1) as keyof typeof UNITS_MS]),
    v.minValue(EVERY_MIN_MS, EVERY),
    v.maxValue(EVERY_MAX_MS, EVERY),
  ),
  folder: v.optional(text),
  name: v.optional(text),
  all: v.optional(flag, false),
  since: v.optional(
    v.pipe(
      text,
      v.check(
        (day) => !Number.isNaN(Date.parse(day)) && /^\d{4}-\d\d-\d\d/.test(day),
        'expected a day such as 2026-11-30',
      ),
    ),
  ),
  partial: v.optional(flag, false),
  limit: v.optional(
    v.pipe(count, v.minValue(1, 'expected 1 to 5000'), v.maxValue(RUNS_EACH_MAX, 'expected 1 to 5000')),
    1000,
  ),
}

/** What a call may set of a scan. */
export const limitFields = {
  max_hosts_at_once: v.optional(v.pipe(count, v.minValue(1, 'expected 1 or more'))),
  max_checks_at_once: v.optional(v.pipe(count, v.minValue(1, 'expected 1 or more'))),
  unsafe_checks: v.optional(flag),
}

/** A compliance audit that a call may name. */
export const auditFileFields = { file: text, category: text }

export const scannerFields = {
  instance_id: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        INSTANCE_ID,
        'expected 1 to 32 letters, digits and dashes, beginning with a letter or digit and without underscore, because it becomes a part of task ids',
      ),
    ),
  ),
  name: v.optional(text),
  type: v.optional(v.literal('nessus', 'expected nessus, the one type there is'), 'nessus'),
  url: text,
  enabled: v.optional(flag, true),
  max_concurrent_scans: v.optional(
    v.pipe(
      count,
      v.minValue(1, `expected 1 to ${CONCURRENT_SCANS_MAX}`),
      v.maxValue(CONCURRENT_SCANS_MAX, `expected 1 to ${CONCURRENT_SCANS_MAX}`),
    ),
    2,
  ),
  tls: v.optional(v.record(v.string(), v.unknown(), 'expected a mapping of ca, fingerprint or insecure'), {}),
  proxy: v.optional(text),
  proxy_username: v.optional(secret),
  proxy_password: v.optional(secret),
  linked_scanner: v.optional(
    v.pipe(
      v.union([v.string(), v.number()], 'expected the name or the id of a scanner linked to the manager'),
      v.transform((named) => String(named).trim()),
      v.nonEmpty('expected the name or the id of a scanner linked to the manager'),
      v.maxLength(200, 'expected at most 200 characters'),
    ),
  ),
  web_session: v.optional(flag, false),
  adopt: v.optional(v.record(v.string(), v.unknown(), 'expected a mapping of every, and folder, name or all')),
  allowed_targets: rules,
  denied_targets: rules,
  scan_limits: v.optional(
    v.record(v.string(), v.unknown(), 'expected a mapping of max_hosts_at_once, max_checks_at_once or unsafe_checks'),
  ),
  allowed_policies: v.nullish(v.array(text, 'expected a list of names of policies')),
  audit_files: v.optional(v.record(v.string(), v.unknown(), 'expected a mapping from names to {file, category}')),
  ...connectionFields,
}

/** The login of the older form, which stands one level deeper. */
export const loginFields = connectionFields

const KIND_CHARS_MAX = 100

/** Where a credential may go. */
const whereFields = {
  // An entry without them loads, and is refused: a line that is left out must not mean everywhere.
  allowed_targets: v.nullish(ruleList),
  scanners: v.optional(names(/^[\w-]{1,64}(?:\/[\w-]{1,32})?$/, 'expected scanners as pool/instance, or pools')),
  callers: v.optional(names(/^[\w.@-]{1,64}$/, 'expected names of tokens')),
}

export const credentialFields = {
  ...whereFields,
  ...fieldsOfTable(),
  ...settingsOfTable(),
  username: secret,
  auth_method: v.optional(
    v.picklist(AUTH_METHODS, `expected ${AUTH_METHODS.slice(0, -1).join(', ')} or ${AUTH_METHODS.at(-1)}`),
    DEFAULT_AUTH_METHOD,
  ),
}

/** What the table of credential fields says, as this file takes it: what may come from a file is never repeated. */
function fieldsOfTable() {
  const entries = CREDENTIAL_FIELD_NAMES.map((name) => {
    const field = CREDENTIAL_FIELDS[name]
    const port = 'portMax' in field ? v.pipe(count, v.minValue(1), v.maxValue(field.portMax)) : undefined
    return [name, v.optional(port ?? ('fromFile' in field ? secret : text))]
  })
  return Object.fromEntries(entries) as {
    [N in CredentialFieldName]: v.OptionalSchema<v.GenericSchema<CredentialValues[N]>, undefined>
  }
}

function settingsOfTable() {
  const entries = CREDENTIAL_SETTING_NAMES.map((name) => {
    const setting = CREDENTIAL_SETTINGS[name]
    return [name, v.optional('portMax' in setting ? v.pipe(count, v.minValue(1), v.maxValue(setting.portMax)) : flag)]
  })
  return Object.fromEntries(entries) as {
    [N in CredentialSettingName]: v.OptionalSchema<v.GenericSchema<CredentialSettings[N]>, undefined>
  }
}

/** A credential by the scanner's own form. */
export const formCredentialFields = {
  kind: v.pipe(text, v.maxLength(KIND_CHARS_MAX, `expected at most ${KIND_CHARS_MAX} characters`)),
  fields: v.record(v.string(), v.unknown(), 'expected a mapping of the fields that the form has'),
  ...whereFields,
}

/** Checks `value` against `fields`; problems, unknown keys among them, go to `source`, and the answer is then `undefined`. */
export function readFields<F extends v.ObjectEntries>(
  fields: F,
  value: Record<string, unknown>,
  { source, path, extraKeys = [] }: { source: Source; path: Path; extraKeys?: readonly string[] },
): v.InferOutput<v.ObjectSchema<F, undefined>> | undefined {
  const known = [...Object.keys(fields), ...extraKeys]
  const shown = [...known, ...FILE_KEYS.filter((key) => key in fields).map((key) => `${key}_file`)]
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) source.problem([...path, key], `unknown key${didYouMean(key, shown)}`)
  }
  const result = v.safeParse(v.object(fields), value)
  if (result.success) return result.output
  for (const issue of result.issues) {
    const keys = (issue.path ?? []).map((item) => item.key as string | number)
    source.problem([...path, ...keys], describeIssue(issue))
  }
  return undefined
}

/** Valibot's own words quote what came; ours do so only for missing and mistyped values, by kind. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.input === undefined) return 'missing; expected a value'
  const got = issue.input === null ? 'nothing' : Array.isArray(issue.input) ? 'a list' : `a ${typeof issue.input}`
  return issue.message.startsWith('expected')
    ? issue.message
    : `expected ${issue.expected ?? 'another value'}, got ${got}`
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
