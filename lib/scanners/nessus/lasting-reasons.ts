/**
 * Whether a refusal before a launch will last. A status alone may be a proxy's,
 * or a moment's; what the scanner says of its licence and of our user is not.
 */
import { mayLaunch } from '../../facts/scanner-roles.ts'
import type { ScannerEntry } from '../entry.ts'
import { ownWords, parseJson } from './answer-table.ts'
import type { Calls, LastingReasons } from './call.ts'
import { readLicence } from './properties.ts'
import { readRole } from './role.ts'

const NOT_ALLOWED = /\bnot (?:authori[sz]ed|allowed|permitted)\b|\bpermission/i

/** Words of a scanner that counts the hosts of a scan against its licence or settings. No fact has its text, so it is known by what it is about. */
const HOSTS = /\b(?:hosts?|ips?|targets?|address(?:es)?)\b/i
const TOO_MANY = /\b(?:licen[sc]ed?|limit(?:ed|ation)?|exceed(?:s|ed)?|too many|maximum)\b/i

/** A proxy that counts requests speaks of hosts and limits too. */
const RATE = /\b(?:rate|requests?|per (?:second|minute|hour))\b/i

export function makeLastingReasons({
  calls,
  entry,
}: {
  calls: Pick<Calls, 'send' | 'read'>
  entry: ScannerEntry
}): LastingReasons {
  return {
    async licence() {
      if (entry.webSession) return false
      try {
        return (await readLicence(calls)).scanApi === false
      } catch {
        // It cannot be asked either, so nothing is ruled out.
        return false
      }
    },

    hosts(answer) {
      const words = ownWords(parseJson(answer.text)) ?? ''
      return HOSTS.test(words) && TOO_MANY.test(words) && !RATE.test(words)
    },

    async role(answer) {
      const words = ownWords(parseJson(answer.text))
      if (words === undefined) return false
      try {
        const role = await readRole(calls)
        if (role !== undefined) return !mayLaunch(role)
      } catch {
        return false
      }
      // It does not tell roles: then its words have to do.
      return NOT_ALLOWED.test(words)
    },
  }
}
