/**
 * Credentials for what is no login on a host: databases, virtual machines' managers, SNMP and devices. Ids of those up to
 * `IBM iSeries` are what the vendor's old client sends [B]; those of SNMPv3 nobody has shown [C].
 */
import { box, selectOf, type CredentialType, entry, type Input, INSTANCES_MAX, secret } from './form-inputs.ts'

const login = [entry('username', 'Username', true), secret('password', 'Password', true)]
const port = (number: string): Input => ({ ...entry('port', 'Port'), default: number })

function type(name: string, inputs: readonly Input[]): CredentialType {
  return { name, max: INSTANCES_MAX, inputs, settings: [] }
}

const DATABASES: Readonly<Record<string, readonly Input[]>> = {
  DB2: [...login, port('50000'), entry('db_sid', 'Database name', true)],
  MySQL: [...login, port('3306')],
  Oracle: [
    ...login,
    port('1521'),
    entry('oracle_sid', 'SID', true),
    selectOf('oracle_auth_type', 'Authentication type', { SYSDBA: [], SYSOPER: [], NORMAL: [] }),
  ],
  PostgreSQL: [...login, port('5432')],
  'SQL Server': [
    ...login,
    port('1433'),
    entry('db_sid', 'Instance name'),
    selectOf('sql_server_auth_type', 'Authentication type', { SQL: [], Windows: [] }),
  ],
}

/** `together`: one type that asks which database it is. */
export function databaseTypes(how: 'together' | 'each'): readonly CredentialType[] {
  const mongo = type('MongoDB', [...login, port('27017'), { ...entry('database', 'Database'), default: 'admin' }])
  if (how === 'each') return [...Object.entries(DATABASES).map(([name, inputs]) => type(name, inputs)), mongo]
  return [type('Database', [selectOf('type', 'Database type', DATABASES)]), mongo]
}

export const MISCELLANEOUS: readonly CredentialType[] = [
  type('VMware ESX SOAP API', [...login, box('dont_verify_ssl', 'Do not verify SSL certificate', 'no')]),
  type('VMware vCenter SOAP API', [
    entry('host', 'vCenter host', true),
    port('443'),
    ...login,
    box('https', 'HTTPS', 'yes'),
    box('verify_ssl', 'Verify SSL certificate', 'yes'),
  ]),
  type('Palo Alto Networks PAN-OS', [...login, port('443'), box('verify_ssl', 'Verify SSL certificate', 'yes')]),
  type('RHEV', [...login, port('443'), box('verify_ssl', 'Verify SSL certificate', 'yes')]),
  type('IBM iSeries', login),
]

export function snmpType(): CredentialType {
  const authentication = [
    selectOf('auth_algorithm', 'Authentication algorithm', { MD5: [], SHA1: [] }),
    secret('auth_password', 'Authentication password', true),
  ]
  const privacy = [
    selectOf('privacy_algorithm', 'Privacy algorithm', { AES: [], DES: [] }),
    secret('privacy_password', 'Privacy password', true),
  ]
  const levels = {
    'No authentication and no privacy': [],
    'Authentication without privacy': authentication,
    'Authentication and privacy': [...authentication, ...privacy],
  }
  const level = selectOf('security_level', 'Security level', levels, 'Authentication and privacy')
  return type('SNMPv3', [entry('username', 'Username', true), port('161'), level])
}
