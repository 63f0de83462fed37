/** What the scanner says our own account may do (`GET /session`). */
import * as v from 'valibot'
import { roleOf, type ScannerRole } from '../../facts/scanner-roles.ts'
import { parseJson } from './answer-table.ts'
import type { Calls } from './call.ts'
import { maybe } from './lenient.ts'

const User = v.object({ permissions: maybe(v.number()) })

/** `undefined` where it does not tell. Throws where it cannot be asked. */
export async function readRole(calls: Pick<Calls, 'send'>): Promise<ScannerRole | undefined> {
  const call = { method: 'GET', path: '/session', route: '/session', what: 'read its own role' } as const
  // Asked as one would look at a scan: a version that has no such route says so without being taken for a proxy.
  const session = await calls.send({ ...call, asked: 'look' })
  if (session.meaning !== 'done') return undefined
  const { permissions } = v.parse(User, parseJson(session.text))
  return typeof permissions === 'number' ? roleOf(permissions) : undefined
}
