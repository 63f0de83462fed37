/** Three small reports made for these questions: a mixed office, a factory seen from outside without attributes, and an audit. */
import { writtenReport, type WrittenHost, type WrittenItem } from '../reports/support/written-report.ts'

const times = (start: string, end: string) => ({ HOST_START: start, HOST_END: end })
const MONDAY = times('Mon Mar  2 10:00:00 2026', 'Mon Mar  2 10:30:00 2026')
const said = (pluginId: number, output: string, more: Partial<WrittenItem> = {}): WrittenItem => ({
  pluginId,
  name: `Plugin ${pluginId}`,
  children: [['plugin_output', output]],
  ...more,
})
const info = (login: string): WrittenItem =>
  said(19506, `Nessus version : 10.8.3\nPort range : 1-10000\nCredentialed checks : ${login}\n`)

const OPENSSL: WrittenItem = {
  port: 443,
  svc: 'www',
  severity: 3,
  pluginId: 701,
  name: 'OpenSSL below 3.0.14',
  family: 'Web Servers',
  children: [
    ['solution', 'Upgrade to OpenSSL version 3.0.14 or later.'],
    ['cve', 'CVE-2024-2511'],
    ['cve', 'CVE-2024-4603'],
    ['cvss3_base_score', '7.5'],
    ['exploit_available', 'false'],
    ['epss_score', '0.1'],
    ['vuln_publication_date', '2024/04/08'],
    ['patch_publication_date', '2024/06/04'],
  ],
}
const OLD_OPENSSL: WrittenItem = {
  ...OPENSSL,
  pluginId: 702,
  severity: 2,
  name: 'OpenSSL below 3.0.9',
  children: [
    ['solution', 'Upgrade to OpenSSL version 3.0.9 or later.'],
    ['cve', 'CVE-2023-2650'],
    ['cvss3_base_score', '6.5'],
    ['exploit_available', 'false'],
    ['vuln_publication_date', '2023/05/30'],
    ['patch_publication_date', '2023/05/30'],
  ],
}
const KNOWN_EXPLOITED: WrittenItem = {
  port: 8443,
  svc: 'www',
  severity: 4,
  pluginId: 703,
  name: 'Portal runs code of strangers',
  family: 'CGI abuses',
  children: [
    ['solution', 'Apply the update of the portal.'],
    ['cve', 'CVE-2021-44228'],
    ['xref', 'CISA-KNOWN-EXPLOITED:2021/12/24'],
    ['cisa_known_exploited', '2021/12/24'],
    ['cvss3_base_score', '10.0'],
    ['exploit_available', 'true'],
    ['epss_score', '0.97'],
    ['vuln_publication_date', '2021/12/10'],
    ['patch_publication_date', '2021/12/10'],
  ],
}
const TELNET: WrittenItem = {
  port: 23,
  svc: 'telnet',
  severity: 2,
  pluginId: 704,
  name: 'Telnet is open',
  family: 'Misc.',
  children: [['solution', 'Disable telnet.']],
}
const WEAK_SSH: WrittenItem = {
  port: 22,
  svc: 'ssh',
  severity: 1,
  pluginId: 705,
  name: 'Weak SSH key exchange',
  family: 'Misc.',
  children: [['solution', 'Disable the weak algorithms.']],
}
const SNMP: WrittenItem = {
  ...TELNET,
  port: 161,
  protocol: 'udp',
  svc: 'snmp',
  pluginId: 706,
  name: 'SNMP public',
  family: 'SNMP',
}
const certificate = (name: string, until: string): string =>
  `Subject Name: \n\nCommon Name: ${name}\n\nIssuer Name: \n\nCommon Name: Office CA\n\nSerial Number: 01\n\nNot Valid Before: Jan  1 00:00:00 2025 GMT\nNot Valid After: ${until} GMT\n`

const OFFICE: readonly WrittenHost[] = [
  {
    name: '192.0.2.10',
    tags: {
      'host-ip': '192.0.2.10',
      'host-fqdn': 'web.office.example',
      'operating-system': 'Linux Kernel 5.15 on Ubuntu 22.04',
      Credentialed_Scan: 'true',
      ...MONDAY,
    },
    items: [
      info('yes'),
      OPENSSL,
      OLD_OPENSSL,
      WEAK_SSH,
      said(10863, certificate('web.office.example', 'Mar 20 12:00:00 2026'), { port: 443, svc: 'www' }),
      said(
        22869,
        'Here is the list of packages installed:\n\n  ii   openssl  3.0.2-0ubuntu1  amd64  Tool\n  ii   libssl3:amd64  3.0.2-0ubuntu1  amd64  Library\n  ii   vim  8.2.3995  amd64  Editor\n',
      ),
      said(
        95928,
        '\n----[ User Accounts ]----\n\nUser         : ann\nGroups       : sudo\n\nUser         : bob\nGroups       : users\n\n----[ System Accounts ]----\n\nUser         : daemon\nGroups       : daemon\n',
      ),
    ],
  },
  {
    name: '192.0.2.11',
    tags: {
      'host-ip': '192.0.2.11',
      'netbios-name': 'DESK11',
      'operating-system': 'Microsoft Windows 11 Pro',
      Credentialed_Scan: 'true',
      ...MONDAY,
    },
    items: [
      info('yes'),
      OPENSSL,
      said(
        20811,
        '\nThe following software are installed on the remote host :\n\nPuTTY release 0.78  [version 0.78.0.0]  [installed on 2025/02/03]\nVim 9.0  [version 9.0.2121]\n\nThe following updates are installed :\n\nKB1  [version 1]\n',
      ),
      said(
        10902,
        "\nThe following users are members of the 'Administrators' group :\n\n  - DESK11\\root (User)\n  - OFFICE\\Domain Admins (Group)\n",
      ),
    ],
  },
  {
    name: '192.0.2.12',
    tags: {
      'host-ip': '192.0.2.12',
      'host-fqdn': 'portal.office.example',
      'operating-system': 'Linux Kernel 5.15 on Ubuntu 22.04',
      Credentialed_Scan: 'false',
      ...MONDAY,
    },
    items: [
      info('no'),
      said(104410, '\n  - User : scan\n    Message : Permission denied\n', { port: 22, svc: 'ssh' }),
      KNOWN_EXPLOITED,
      TELNET,
      WEAK_SSH,
      said(10863, certificate('portal.office.example', 'Feb 20 12:00:00 2026'), { port: 8443, svc: 'www' }),
    ],
  },
  {
    name: '192.0.2.77',
    tags: { 'host-ip': '192.0.2.77', 'operating-system': 'Printer', HOST_START: 'Mon Mar  2 10:05:00 2026' },
    items: [SNMP, said(11219, 'Port 9100/tcp was found to be open', { port: 9100, svc: 'jetdirect' })],
  },
  { name: '192.0.2.90', tags: { 'host-ip': '192.0.2.90', ...MONDAY }, items: [info('no')] },
]

const FACTORY: readonly WrittenHost[] = [1, 2, 3, 4].map((number) => ({
  name: `plc${number}`,
  tags: {
    'host-ip': `198.51.100.${number}`,
    ...times('Tue Mar  3 08:00:00 2026', `Tue Mar  3 08:${10 * number}:00 2026`),
  },
  items: [
    {
      port: 502,
      svc: 'modbus',
      severity: number < 3 ? 3 : 0,
      pluginId: 801,
      name: 'Modbus answers anybody',
      family: 'SCADA',
    },
    ...(number === 4
      ? [{ port: 80, svc: 'www', severity: 2, pluginId: 802, name: 'Plain HTTP', family: 'Web Servers' }]
      : []),
  ],
}))

const check = (name: string, result: string): WrittenItem => ({
  pluginId: 21157,
  severity: result === 'FAILED' ? 3 : 1,
  family: 'Policy Compliance',
  name: 'Unix Compliance Checks',
  children: [
    ['cm:compliance-check-name', name],
    ['cm:compliance-result', result],
    ['description', `"${name}" : [${result}]`],
  ],
})
const AUDIT: readonly WrittenHost[] = [
  {
    name: 'web01',
    tags: MONDAY,
    items: [
      check('1.1 Ensure a banner', 'PASSED'),
      check('1.2 No root login', 'FAILED'),
      check('1.3 Audit is on', 'FAILED'),
    ],
  },
  {
    name: 'db01',
    tags: MONDAY,
    items: [
      check('1.1 Ensure a banner', 'FAILED'),
      check('1.2 No root login', 'FAILED'),
      check('1.3 Audit is on', 'PASSED'),
    ],
  },
]

export const MADE_REPORTS = {
  office: writtenReport(OFFICE),
  factory: writtenReport(FACTORY),
  audit: writtenReport(AUDIT),
} as const
export type MadeReport = keyof typeof MADE_REPORTS
