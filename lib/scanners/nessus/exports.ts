/**
 * Exports: asked for, waited for, fetched once.
 *
 * The scanner names an export by `token`, `temp_token` or `file`, depending on
 * its age, and each has its own routes. A handle is that name with its kind
 * before it. A token opens the report to anyone, so handles are not logged.
 */
import type { Readable } from 'node:stream'
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import type { Scanner } from '../scanner.ts'
import type { Calls } from './call.ts'

const name = v.union([v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,256}$/)), v.pipe(v.number(), v.integer())])
const ExportAnswer = v.object({ token: v.nullish(name), temp_token: v.nullish(name), file: v.nullish(name) })
const ExportStatus = v.object({ status: v.nullish(v.string()) })
const HANDLE = /^(token|file):([A-Za-z0-9_-]{1,256})$/

export type Exports = Pick<Scanner, 'requestExport' | 'exportState' | 'download'>

export function makeExports({ calls, scanner }: { calls: Calls; scanner: string }): Exports {
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
    async requestExport(id) {
      const answer = await calls.read(ExportAnswer, {
        method: 'POST',
        path: `/scans/${id}/export`,
        route: '/scans/{id}/export',
        what: `export scan ${id}`,
        json: { format: 'nessus' },
      })
      const token = answer.token ?? answer.temp_token
      if (token !== undefined && token !== null) return `token:${token}`
      if (answer.file !== undefined && answer.file !== null) return `file:${answer.file}`
      throw new Error(
        `scanner ${scanner}: cannot export scan ${id}: expected a token or a file in the answer, got neither`,
      )
    },

    async exportState(id, handle) {
      const call = { method: 'GET', ...routes(id, handle, 'status'), what: `follow the export of scan ${id}` } as const
      const answer = await calls.send({ ...call, accept: [404, 500] })
      if (answer.status !== 200) return 'gone'
      const { status } = parseStatus(answer.text)
      if (status === 'ready') return 'ready'
      return status === 'error' ? 'gone' : 'loading'
    },

    async download(id, handle): Promise<Readable> {
      const what = `download the export of scan ${id}`
      const response = await calls.open({ method: 'GET', ...routes(id, handle, 'download'), what, temporary: [404] })
      if (!response.headers['content-type']?.startsWith('application/json')) return response
      response.destroy()
      throw new Error(
        `scanner ${scanner}: cannot ${what}: expected a report, got a JSON message; it may not be ready yet`,
      )
    },
  }
}

/** A 200 says nothing here, and an answer that is not understood is one to ask again for. */
function parseStatus(text: string): v.InferOutput<typeof ExportStatus> {
  try {
    return v.parse(ExportStatus, JSON.parse(text))
  } catch {
    return { status: 'loading' }
  }
}
