/** Each credential is judged by its own words in the report: by protocol, port and account, and never by what another one did. */
import { describe, expect, test } from 'vitest'
import { credentialVerdicts, tallyCredentials } from '../../lib/reports/judge/credential-verdicts.ts'
import type { Evidence } from '../../lib/reports/judge/evidence.ts'

const said = (pluginId: number, text: string, port = 0): Evidence => ({ pluginId, port, service: '', said: text })
const hostOf = (...evidence: Evidence[]) => ({ host: 'h', evidence })
const told = (...evidence: Evidence[]) =>
  credentialVerdicts(hostOf(...evidence)).map(
    ({ protocol, port, account, result }) => `${account} ${protocol} ${port}: ${result}`,
  )
const login = (user: string, port: number, proto: string, more = '') =>
  `\nNessus was able to log in via the following :\n\nUser:        '${user}'\nPort:        ${port}\nProto:       ${proto}\nMethod:      password${more}`
const refusal = (protocol: string, port: number, ...failures: (readonly [user: string, message: string])[]) =>
  `\nNessus was unable to log into the following host :\n\n  Protocol        : ${protocol}\n  Port            : ${port}\n  Failure details :\n` +
  failures
    .map(([user, message]) => `\n  - User : ${user}\n\n    - Plugin      : x.nasl\n      Message     :\n${message}\n`)
    .join('')

test('one that worked is told with its method, and with its escalation where that worked', () => {
  const [one] = credentialVerdicts(hostOf(said(141_118, login('audit', 22, 'ssh', '\nEscalation:  sudo'), 22)))
  expect(one).toEqual({
    protocol: 'SSH',
    port: 22,
    account: 'audit',
    result: 'worked',
    method: 'password',
    escalation: 'sudo',
    plugin_id: 141_118,
  })
})

describe('several of one scan', () => {
  test('are told apart where one was refused and another worked', () => {
    const smb = refusal('SMB', 445, ['EXAMPLE\\old', 'Failed to authenticate using the supplied password.'])
    expect(told(said(104_410, smb, 445), said(141_118, login('audit', 22, 'SSH'), 22))).toEqual([
      'EXAMPLE\\old SMB 445: refused',
      'audit SSH 22: worked',
    ])
  })

  test('are told apart within the words of one plugin, each under its own protocol', () => {
    const both = `${refusal('SSH', 22, ['one', 'Failed to authenticate.'], ['two', 'Connection refused'])}${refusal('SMB', 445, ['three', 'Denied.'])}`
    expect(told(said(104_410, both))).toEqual([
      'one SSH 22: refused',
      'three SMB 445: refused',
      'two SSH 22: no_connection',
    ])
  })

  test('of one name at two ports are two', () => {
    expect(told(said(141_118, login('a', 22, 'SSH')), said(104_410, refusal('SSH', 2222, ['a', 'Denied.'])))).toEqual([
      'a SSH 2222: refused',
      'a SSH 22: worked',
    ])
  })
})

test('what other plugins say of the same login counts, the graver word first, and is one', () => {
  const worked = said(141_118, login('audit', 22, 'SSH'), 22)
  const lacked = said(110_385, "\nlogged in, not enough privileges.\n\nUser: 'audit'\nPort: 22\nProto: SSH\n", 22)
  const [one, ...others] = credentialVerdicts(hostOf(worked, lacked))
  expect(one).toMatchObject({ account: 'audit', result: 'lacked_rights', method: 'password' })
  expect(others).toEqual([])
  const unsteady = said(117_885, '\nNessus was able to log in as:\nUser: audit\nbut some logins failed')
  expect(told(worked, unsteady)).toEqual(['audit SSH 22: at_times'])
})

test('words without an account are told without one, and not twice', () => {
  expect(told(said(141_118, 'Nessus was able to execute commands on localhost.'))).toEqual(['null LOCAL null: worked'])
  const known = said(104_410, refusal('SSH', 22, ['audit', 'Denied.']), 22)
  expect(told(known, said(104_410, '', 0))).toEqual(['audit SSH 22: refused'])
  expect(told()).toEqual([])
  expect(told(said(19_506, 'Credentialed checks : yes, as audit via ssh'))).toEqual([])
})

test('over all hosts each is counted once per host, however often a report writes it', () => {
  const worked = hostOf(said(141_118, login('audit', 22, 'SSH')))
  const refused = hostOf(said(104_410, refusal('SSH', 22, ['audit', 'Denied.'])))
  expect(tallyCredentials([worked, worked, worked, refused], [0, 1, 1, 3])).toEqual([
    { protocol: 'SSH', account: 'audit', result: 'refused', hosts: 1 },
    { protocol: 'SSH', account: 'audit', result: 'worked', hosts: 2 },
  ])
})
