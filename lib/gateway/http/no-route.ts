/** What is answered where there is no route: 405 when only the method is wrong, else 404 with the routes there are. */
import { Refusal } from '../../base/errors.ts'
import { problemBody, problemResponse } from './problem.ts'

const METHODS: readonly (readonly [path: RegExp, allow: string])[] = [
  [/^\/tools\/[^/]+$/, 'POST'],
  [/^\/scans\/import$/, 'POST'],
  [/^\/scans\/[^/]+\/(?:native|results)$/, 'GET, HEAD'],
  [/^\/(?:health|ready|metrics|openapi\.json)?$/, 'GET, HEAD'],
]
const ROUTES =
  'POST /mcp, POST /tools/<name>, GET /scans/<id>/results, GET /scans/<id>/native, POST /scans/import, GET /openapi.json, GET /health, GET /ready, GET /metrics and the console at /'
const SHOWN_CHARS = 200

export function noRoute(method: string, path: string): Response {
  const shown = path.slice(0, SHOWN_CHARS)
  const allow = METHODS.find(([pattern]) => pattern.test(path))?.[1]
  if (allow === undefined)
    return problemResponse(new Refusal('not_found', `There is no ${shown}. There are: ${ROUTES}.`))
  const refusal = new Refusal('invalid_argument', `${shown} takes ${allow}, not ${method}.`)
  return Response.json(problemBody(refusal), { status: 405, headers: { allow } })
}
