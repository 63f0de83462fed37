/** Why the login most likely failed, and what to do next, in the order in which causes explain each other. */
import type { HostEvidence } from './evidence.ts'
import { signsOf } from './host-verdict.ts'

export interface Advice {
  readonly likely_cause: string
  readonly next_steps: string[]
}

interface Cause {
  readonly applies: (host: HostEvidence) => boolean
  readonly advice: Advice
}

const has = (host: HostEvidence, ...ids: number[]): boolean => host.evidence.some((item) => ids.includes(item.pluginId))
const says = (host: HostEvidence, pattern: RegExp, ...ids: number[]): boolean =>
  host.evidence.some((item) => ids.includes(item.pluginId) && pattern.test(item.said))

const CAUSES: readonly Cause[] = [
  {
    applies: (host) =>
      says(host, /passphrase|load the SSH private key|parse (?:the given key|ssh keys)/i, 104410, 21745),
    advice: {
      likely_cause:
        'The SSH private key could not be read: it is malformed, of an unsupported kind, or its passphrase is wrong.',
      next_steps: [
        'Check the key and its passphrase with ssh-keygen -y.',
        'Supply the key in PEM or OpenSSH form and scan again.',
      ],
    },
  },
  {
    applies: (host) => signsOf(host).has('network'),
    advice: {
      likely_cause:
        'No connection to the login port could be made: the network, a firewall or a closed port is the cause.',
      next_steps: [
        'Check that SSH (22) or SMB (445) of the hosts named is open from the scanner.',
        'Check that nothing between them limits or drops connections, then scan again.',
      ],
    },
  },
  {
    applies: (host) => signsOf(host).has('escalationFailed') || has(host, 102094, 110385),
    advice: {
      likely_cause: 'The login worked, but raising privileges failed or was not allowed for every command.',
      next_steps: [
        'Check the escalation method, account and password by hand on one host (for sudo: sudo -l).',
        'Allow the scan account to run commands without a terminal (requiretty off) and scan again.',
      ],
    },
  },
  {
    applies: (host) => has(host, 24786, 10428, 26917) && signsOf(host).has('login'),
    advice: {
      likely_cause: 'The Windows account has no administrator rights, or the remote registry could not be read.',
      next_steps: [
        'Use a member of the local Administrators group, or set LocalAccountTokenFilterPolicy for a local account.',
        'Start the Remote Registry service, or let the scan start it.',
      ],
    },
  },
  {
    applies: (host) => has(host, 117885),
    advice: {
      likely_cause: 'The login worked only some of the time: the target limits the rate of logins or locks accounts.',
      next_steps: [
        'Check for account lockout and SSH rate limits on the target.',
        'Lower the number of simultaneous checks per host.',
      ],
    },
  },
  {
    applies: (host) => has(host, 110695),
    advice: {
      likely_cause: 'The login worked, but the operating system is not supported for local checks.',
      next_steps: ['Treat the results of these hosts as those of a network scan.'],
    },
  },
  {
    applies: (host) => has(host, 104410, 21745),
    advice: {
      likely_cause: 'The user name or password is wrong, or the account may not log in remotely.',
      next_steps: [
        'Log in by hand with the same account and method to one of the hosts named.',
        'Check that the account is not locked, expired or denied remote login.',
      ],
    },
  },
  {
    applies: (host) => has(host, 110723),
    advice: {
      likely_cause: 'No credential of the right kind was supplied: the hosts offer a service for which there was none.',
      next_steps: ['Supply SSH credentials for Unix hosts and Windows credentials for Windows hosts.'],
    },
  },
]

/** The cause that explains most hosts; among equals, the more specific one. */
export function troubleshoot(hosts: readonly HostEvidence[], reachable: boolean): Advice {
  if (!reachable) {
    return {
      likely_cause: 'No host could be reached, so no login was tried.',
      next_steps: [
        'Check routes and firewalls between the scanner and the targets.',
        'Scan one host that is known to be up.',
      ],
    }
  }
  let best: Advice | undefined
  let most = 0
  for (const { applies, advice } of CAUSES) {
    const explained = hosts.filter(applies).length
    if (explained > most) [most, best] = [explained, advice]
  }
  return (
    best ?? {
      likely_cause: 'The report does not say why; the login ports may be closed or filtered for the scanner.',
      next_steps: [
        'Check that SSH (22) or SMB (445) is open from the scanner.',
        'Read plugins 19506 and 117886 of one host.',
      ],
    }
  )
}
