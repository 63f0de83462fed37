/**
 * Exports: asked for, waited for, fetched once.
 *
 * The scanner names an export by `token`, `temp_token` or `file`, depending on
 * its age, and each has its own routes. A handle is that name with its kind
 * before it. A token opens the report to anyone, so handles are not logged.
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import { ConnectionLostError, ScanBusyError, ScannerAwayError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { Scanner } from '../scanner.ts'
import { answerError, parseAnswer } from './answers.ts'
import type { Call, Calls } from './call.ts'
import { unpacked } from './exchange.ts'

const name = v.union([v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,256}$/)), v.pipe(v.number(), v.integer())])
const ExportAnswer = v.object({ token: v.nullish(name), temp_token: v.nullish(name), file: v.nullish(name) })
const ExportStatus = v.object({ status: v.nullish(v.string()) })
const HANDLE = /^(token|file):([A-Za-z0-9_-]{1,256})$/

export type Exports = Pick<Scanner, 'requestExport' | 'exportState' | 'download'>

export function makeExports({ calls, entry }: { calls: Calls; entry: ScannerEntry }): Exports {
  const scanner = entry.key
  const routes = (id: number, handle: string, verb: 'status' | 'download'): { path: string; route: string } => {
    const [, kind, value] = HANDLE.exec(handle) ?? []
    if (kind === undefined || value === undefined) {
      throw new PermanentError(`scanner ${scanner}: expected an export handle of requestExport, got another text`)
    }
    return kind === 'token'
      ? { path: `/tokens/${value}/${verb}`, route: `/tokens/{token}/${verb}` }
      : { path: `/scans/${id}/export/${value}/${verb}`, route: `/scans/{id}/export/{file}/${verb}` }
  }

  return {
    async requestExport({ id, historyId }) {
      const run = historyId === undefined ? '' : `?history_id=${historyId}`
      const answered = await calls.send({
        method: 'POST',
        path: `/scans/${id}/export${run}`,
        route: '/scans/{id}/export',
        asked: 'export',
        what: `export scan ${id}`,
        json: { format: 'nessus' },
      })
      // Without results, some versions say that there is nothing here: asked again, and given up after a while.
      if (answered.meaning === 'gone') {
        throw new Error(`scanner ${scanner}: cannot export scan ${id} (404): it is gone, or has no results`)
      }
      const context = { entry, what: `export scan ${id}` }
      if (answered.meaning === 'late') throw answerError('late', answered, context)
      const answer = parseAnswer(ExportAnswer, answered, context)
      const token = answer.token ?? answer.temp_token
      if (token !== undefined && token !== null) return `token:${token}`
      if (answer.file !== undefined && answer.file !== null) return `file:${answer.file}`
      throw new ScannerAwayError(
        `scanner ${scanner}: cannot export scan ${id}: expected a token or a file in the answer, got neither`,
        { scanner },
      )
    },

    async exportState({ id }, handle) {
      const what = `follow the export of scan ${id}`
      const answer = await calls.send({
        method: 'GET',
        ...routes(id, handle, 'status'),
        asked: 'follow an export',
        what,
      })
      if (answer.meaning !== 'done') return 'gone'
      const { status } = parseAnswer(ExportStatus, answer, { entry, what })
      if (status === 'ready') return 'ready'
      return status === 'error' ? 'gone' : 'loading'
    },

    async download({ id }, handle): Promise<Readable> {
      const what = `download the export of scan ${id}`
      // The scanner was talked to: what goes wrong with this report keeps no other scan from it.
      const busy = (why: string, cause?: unknown) =>
        new ScanBusyError(`scanner ${scanner}: cannot ${what}: ${why}`, { scanner, cause })
      const call: Call = { method: 'GET', ...routes(id, handle, 'download'), asked: 'download', what }
      const response = await calls.open(call).catch((error: unknown) => {
        throw error instanceof ConnectionLostError ? busy('the connection was dropped', error) : error
      })
      const instead = await whatInstead(response)
      if (instead === undefined) return Readable.from(unbroken(response, busy), { objectMode: false })
      response.destroy()
      throw busy(`expected a report, got ${instead}`)
    },
  }
}

/** The bytes of a report; what breaks it off is something about this one. */
async function* unbroken(response: IncomingMessage, busy: (why: string, cause: unknown) => Error) {
  try {
    yield* unpacked(response) as AsyncIterable<Buffer>
  } catch (error) {
    throw busy(`it broke off (${error instanceof Error ? error.message : String(error)})`, error)
  }
}

/** What came in place of a report, as can be told before it is read; `undefined` for what may be one. */
async function whatInstead(response: IncomingMessage): Promise<string | undefined> {
  const type = response.headers['content-type'] ?? ''
  if (/^text\/html\b/.test(type)) return 'a page; a proxy may answer'
  if (/^application\/json\b/.test(type)) return 'JSON; it may not be ready yet'
  // Cut before its first byte, it is as empty as one that ends there.
  if (!(await hasBytes(response))) return 'nothing; a proxy may answer'
  return undefined
}

/** Waits for the first bytes, and leaves them in the stream; false when it ends, or breaks, without any. */
function hasBytes(response: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    const ends = ['end', 'error', 'close'] as const
    const settle = (has: boolean): void => {
      response.off('readable', look)
      for (const end of ends) response.off(end, none)
      resolve(has)
    }
    const none = (): void => settle(false)
    const look = (): void => {
      const bytes: unknown = response.read()
      if (!Buffer.isBuffer(bytes)) return
      response.unshift(bytes)
      settle(true)
    }
    for (const end of ends) response.on(end, none)
    response.on('readable', look)
    look()
  })
}
