/** Goal: the credential verdict of each host follows the plugins' own words, and silence is never taken for a result. */
import { expect, test } from 'vitest'
import { labelled } from './support/labelled.ts'
import type { Evidence, HostEvidence } from '../../lib/reports/judge/evidence.ts'
import { hostVerdict } from '../../lib/reports/judge/host-verdict.ts'
import { openWorkshop } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

const said = (pluginId: number, text = ''): Evidence => ({ pluginId, port: 0, service: 'general', said: text })
const yes = said(19_506, "Nessus version : 10\nCredentialed checks : yes, as 'scan' via ssh\nPort range : default")
const overSmb = said(19_506, "Credentialed checks : yes, as 'LAB\\admin' via SMB")
const no = said(19_506, 'Credentialed checks : no')
const valid = said(141_118, 'User: scan\nPort: 22\nProto: SSH\nMethod: password')
const sudo = said(141_118, 'User: scan\nProto: SSH\nEscalation: sudo')
const root = said(141_118, 'User: root\nProto: SSH')
const failedSudo = said(97_993, "An attempt to elevate privileges using 'sudo' failed for the account")
const asked = 'authenticated'
const privileged = 'privileged'

test.each<[string, 'none' | 'authenticated' | 'privileged' | undefined, boolean | undefined, Evidence[], string]>([
  ['local checks ran', asked, true, [yes, valid], 'success'],
  [
    'local checks on the localhost',
    asked,
    true,
    [said(19_506, 'Credentialed checks : yes (on the localhost)')],
    'success',
  ],
  ['only 117887 says so', asked, undefined, [said(117_887)], 'success'],
  ['the second 19506 of a host says yes, the tag too', asked, true, [yes, yes], 'success'],
  ['every credential refused', asked, false, [no, said(104_410)], 'failed'],
  ['refused, and only 21745 tells', asked, false, [no, said(21_745)], 'failed'],
  ['credentials for another service', asked, false, [no, said(110_723)], 'failed'],
  ['asked for, and local checks did not run', asked, false, [no], 'failed'],
  ['login on an unsupported system', asked, false, [no, valid, said(110_695)], 'partial'],
  ['login without local checks', asked, false, [no, valid], 'partial'],
  ['login only some of the time', asked, true, [yes, valid, said(117_885)], 'partial'],
  ['Windows without admin', asked, true, [yes, valid, said(24_786)], 'partial'],
  ['tag and 19506 disagree, no login shown', asked, true, [no], 'unknown'],
  ['tag and 19506 disagree, login shown', asked, true, [no, valid], 'partial'],
  ['nothing said', asked, undefined, [], 'unknown'],
  ['sudo worked', privileged, true, [yes, sudo], 'success'],
  ['login as root', privileged, true, [yes, root], 'success'],
  ['failed sudo still says credentialed', privileged, true, [yes, valid, failedSudo], 'partial'],
  ['escalated, but commands lacked privilege', privileged, true, [yes, sudo, said(110_385)], 'partial'],
  ['escalated, but 102094 complains', privileged, true, [yes, sudo, said(102_094)], 'partial'],
  ['Windows administrator', privileged, true, [overSmb, valid], 'success'],
  ['Windows without admin, asked privileged', privileged, true, [overSmb, valid, said(24_786)], 'partial'],
  ['no escalation shown', privileged, true, [yes, valid], 'partial'],
  ['no credentials asked', 'none', false, [no, said(110_723)], 'not_applicable'],
  ['imported, no credentials', undefined, false, [no, said(110_723)], 'not_applicable'],
  ['imported, refused', undefined, false, [no, said(104_410)], 'failed'],
  ['imported, logged in', undefined, true, [yes], 'success'],
  ['imported, silent', undefined, undefined, [], 'unknown'],
])('%s (asked: %s)', (_, credentialsAsked, credentialedTag, evidence, status) => {
  const host: HostEvidence = {
    host: 'h',
    evidence,
    ...(credentialedTag === undefined ? {} : { tags: { localChecks: credentialedTag } }),
  }
  const verdict = hostVerdict(host, credentialsAsked === undefined ? {} : { credentialsAsked })
  labelled(verdict.reason, () => expect(verdict.status).toBe(status))
  expect(verdict.evidence).toHaveLength(evidence.length)
})

test('a run that did not finish is unknown, not failed', () => {
  const host = { host: 'h', tags: { localChecks: false }, evidence: [no] }
  expect(hostVerdict(host, { credentialsAsked: 'authenticated', scanStatus: 'aborted' }).status).toBe('unknown')
})

const hostWith = (name: string, ...outputs: [number, string][]) => ({
  name,
  tags: { 'host-ip': name },
  items: outputs.map(([pluginId, text]) => ({ pluginId, children: [['plugin_output', text]] as [string, string][] })),
})

test('a failed escalation names itself as the cause, with next steps', async () => {
  await using workshop = await openWorkshop()
  const xml = writtenReport([
    hostWith('10.0.0.1', [19_506, yes.said], [141_118, valid.said], [97_993, failedSudo.said], [117_887, '']),
  ])
  const facts = await workshop.reports.build(await workshop.put(xml), { credentialsAsked: 'privileged' })
  expect(facts.authentication_status).toBe('partial')
  expect(facts.troubleshooting?.likely_cause).toContain('raising privileges failed')
  expect(facts.troubleshooting?.next_steps.length).toBeGreaterThan(0)
})

test('coverage names targets without a host, and a dead host is unreachable', async () => {
  await using workshop = await openWorkshop()
  const xml = writtenReport([
    hostWith('10.0.0.1', [19_506, no.said]),
    hostWith('10.0.0.2', [10_180, 'The remote host is considered as dead - not scanning']),
    { name: '10.0.0.3' },
  ])
  const facts = await workshop.reports.build(await workshop.put(xml), {
    targets: {
      count: 300,
      list: ['10.0.0.1', '10.0.0.0/29', '10.0.0.1-10.0.0.3', '10.9.9.9', 'gone.example', 'fd00::/64'],
    },
    scanStatus: 'aborted',
  })
  expect(facts.coverage).toMatchObject({
    targets_asked: 300,
    hosts_seen: 3,
    hosts_unreachable: 1,
    hosts_without_findings: 1,
    targets_not_seen: ['10.9.9.9', 'gone.example', 'fd00::/64'],
  })
  expect(facts.validation_warnings.join(' ')).toMatch(
    /1 of 3 hosts were unreachable.*no host for these targets.*was aborted/,
  )
})

test('a report of dead hosts only is never a clean result', async () => {
  await using workshop = await openWorkshop()
  const dead = hostWith('10.0.0.2', [10_180, 'The remote host is considered as dead - not scanning'])
  const facts = await workshop.reports.build(await workshop.put(writtenReport([dead])), {
    credentialsAsked: 'authenticated',
  })
  expect(facts.validation_warnings.join(' ')).toContain('Every host was unreachable')
  expect(facts.authentication_status).toBe('unknown')
})

test('targets with a name and an address, or a zone, are seen by their address', async () => {
  await using workshop = await openWorkshop()
  const hosts = [hostWith('10.0.0.5', [19_506, no.said]), hostWith('fe80::1', [19_506, no.said])]
  const taskId = await workshop.put(writtenReport(hosts))
  const list = ['web.example.org[10.0.0.5]', 'db[10.0.0.6]', 'fe80::1%eth0', 'fe80::2%eth0']
  const facts = await workshop.reports.build(taskId, { targets: { count: 4, list } })
  expect(facts.coverage.targets_not_seen).toEqual(['db[10.0.0.6]', 'fe80::2%eth0'])
})

test('an IPv6 host is placed and covered', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([hostWith('fd00::1', [19_506, no.said])]))
  const facts = await workshop.reports.build(taskId, { targets: { count: 1, list: ['fd00::/64'] } })
  expect(facts.coverage.targets_not_seen).toEqual([])
  expect((await workshop.reports.finding(taskId, 'fd00::1/0/tcp/19506/1')).finding).toMatchObject({ host: 'fd00::1' })
})
