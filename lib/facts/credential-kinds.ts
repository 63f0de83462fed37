/**
 * Credentials for more than a login on a host: those that a scanner's own form knows, by its kind and the names of its
 * fields. Versions call the same thing otherwise; what is known of that stands here, the rest is read from the form.
 */
import { type ScanCredentials, secretValues } from './credential-fields.ts'

/** Where a form may have a kind: a type of credentials, and what has to be chosen in it. */
interface Place {
  readonly type: string
  readonly chosen?: Readonly<Record<string, string>>
}

interface CredentialKind {
  /** In the order in which they are looked for. */
  readonly places: readonly Place[]
  readonly needs: readonly string[]
  /** Our name of a field, and what versions call it. */
  readonly also?: Readonly<Record<string, readonly string[]>>
}

const LOGIN = ['username', 'password'] as const
/** Newer forms have a type for each database, older ones a type that asks which it is. */
const database = (type: string): Pick<CredentialKind, 'places'> => ({
  places: [{ type }, { type: 'Database', chosen: { type } }],
})

export const CREDENTIAL_KINDS: Readonly<Record<string, CredentialKind>> = {
  snmpv3: { places: [{ type: 'SNMPv3' }], needs: ['username'] },
  vcenter: {
    places: [{ type: 'VMware vCenter SOAP API' }, { type: 'VMware vCenter' }],
    needs: ['host', ...LOGIN],
  },
  esx: { places: [{ type: 'VMware ESX SOAP API' }, { type: 'VMware ESX' }], needs: LOGIN },
  oracle: {
    ...database('Oracle'),
    needs: LOGIN,
    also: { sid: ['oracle_sid', 'service'], auth_type: ['oracle_auth_type'] },
  },
  'sql server': {
    ...database('SQL Server'),
    needs: LOGIN,
    also: { instance: ['db_sid'], auth_type: ['sql_server_auth_type'] },
  },
  db2: { ...database('DB2'), needs: LOGIN, also: { database: ['db_sid'] } },
  mysql: { ...database('MySQL'), needs: LOGIN },
  postgresql: { ...database('PostgreSQL'), needs: LOGIN },
  mongodb: { ...database('MongoDB'), needs: LOGIN },
}

/** `kind` is one of {@link CREDENTIAL_KINDS} or a type of the scanner's form; `fields` are ours or the form's. Never logged. */
export interface FormCredentials {
  readonly kind: string
  readonly fields: Readonly<Record<string, string>>
}

/** Whatever a scan logs in with. */
export type AnyCredentials = ScanCredentials | FormCredentials

export function isByForm(credentials: AnyCredentials): credentials is FormCredentials {
  return 'kind' in credentials
}

/** Words compare without case, spaces and signs: forms and people spell them otherwise. */
export const plainWord = (word: unknown): string =>
  typeof word === 'string' ? word.toLowerCase().replace(/[^a-z0-9]/g, '') : ''

export function kindOf(kind: string): CredentialKind {
  const known = Object.entries(CREDENTIAL_KINDS).find(([name]) => plainWord(name) === plainWord(kind))
  return known?.[1] ?? { places: [{ type: kind }], needs: [] }
}

/** How it logs in, in a word that may be shown. */
export function shownMethod(credentials: AnyCredentials): string {
  return isByForm(credentials) ? credentials.kind : credentials.authMethod
}

/** A number or a plain choice is no secret, and masking it would make a scanner's words unreadable. */
const HARMLESS = /^(?:yes|no|\d{1,5})$/

/** Every value that no message may repeat: of those by form, whichever field it stands in. */
export function secretsIn(credentials: AnyCredentials): string[] {
  if (!isByForm(credentials)) return secretValues(credentials)
  return Object.values(credentials.fields).filter((value) => value !== '' && !HARMLESS.test(value))
}
