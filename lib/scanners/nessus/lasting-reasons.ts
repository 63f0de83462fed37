/**
 * Whether a refusal before a launch will last. A status alone may be a proxy's,
 * or a moment's; what the scanner says of its licence and of our user is not.
 */
import * as v from 'valibot'
import type { ScannerEntry } from '../entry.ts'
import { ownWords, parseJson } from './answer-table.ts'
import type { Calls, LastingReasons } from './call.ts'
import { readLicence } from './properties.ts'

/** 128 system administrator, 64 administrator, 32 standard, 16 basic: the last may look, not scan. */
const ROLE_THAT_SCANS = 32
const NOT_ALLOWED = /\bnot (?:authori[sz]ed|allowed|permitted)\b|\bpermission/i

/** Words of a scanner that counts the hosts of a scan against its licence or settings. No fact has its text, so it is known by what it is about. */
const HOSTS = /\b(?:hosts?|ips?|targets?|address(?:es)?)\b/i
const TOO_MANY = /\b(?:licen[sc]ed?|limit(?:ed|ation)?|exceed(?:s|ed)?|too many|maximum)\b/i

/** A proxy that counts requests speaks of hosts and limits too. */
const RATE = /\b(?:rate|requests?|per (?:second|minute|hour))\b/i

const User = v.object({ permissions: v.nullish(v.number()) })

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
        const call = { method: 'GET', path: '/session', route: '/session', what: 'read its own role' } as const
        // Asked as one would look at a scan: a version that has no such route says so without being taken for a proxy.
        const session = await calls.send({ ...call, asked: 'look' })
        const role = session.meaning === 'done' ? v.parse(User, parseJson(session.text)).permissions : undefined
        if (typeof role === 'number') return role < ROLE_THAT_SCANS
      } catch {
        return false
      }
      // It does not tell roles: then its words have to do.
      return NOT_ALLOWED.test(words)
    },
  }
}
