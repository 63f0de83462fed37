/**
 * What an answer of a scanner means, for each thing that is asked of it. The one place where that is decided.
 *
 *   AT1. Only the scanner's own words can say anything about a scan or a request; an answer says that it is the
 *        scanner's by its form (`{"error": "…"}`), and even then it may be mistaken.
 *   AT2. What says something about us (access, role) or about the way there (a proxy, a restart) is waited for:
 *        it ends nothing that runs.
 *   AT3. `gone` and `late` are claims about one scan: the scanner's list, or the scan's state, decides.
 *   AT4. Only while nothing runs can an answer say that waiting is in vain: before a launch (`request`, `role`,
 *        `licence`), and when the report of a run that has ended is asked for (`request`).
 */

/** What was asked. */
export const ASKED = [
  'login',
  /** One scan's state, or whatever else is only read of it. */
  'look',
  /** All scans, templates, folders, properties: nothing that could be gone. */
  'list',
  /** What a new scan needs beforehand: a key uploaded, a template read. */
  'prepare',
  'create',
  'launch',
  'pause',
  'resume',
  'stop',
  'kill',
  'delete',
  'export',
  'follow an export',
  'download',
] as const
export type Asked = (typeof ASKED)[number]

/** What came, without regard to what was asked. */
export const CAME = [
  /** 200 with JSON. */
  'data',
  /** 200 without a body: how several versions answer a stop or a deletion. */
  'nothing',
  /** 200, or another success, with something else than JSON: a proxy's page. */
  'page',
  'redirect',
  'unauthorized',
  'forbidden',
  /** 404 in the scanner's own form. */
  'missing',
  'conflict',
  'precondition',
  /** Another 4xx in the scanner's own form. */
  'refused',
  /** 403, 404 or another 4xx in a form that is not the scanner's. */
  'foreign',
  'busy',
  'broken',
  /** 500 whose body says that the export failed. */
  'failed',
] as const
export type Came = (typeof CAME)[number]

export type Meaning =
  | 'done'
  /** Refused for what was asked: asking again is in vain. */
  | 'request'
  /** Our user may not do it, if its role confirms that; else as `us`. */
  | 'role'
  /** The licence does not allow it, if the licence confirms that; else as `us`. */
  | 'licence'
  /** Something about our access. */
  | 'us'
  /** Something about the way to the scanner, or the scanner as a whole. */
  | 'way'
  | 'busy'
  /** The scan, or the export, is said to be gone. */
  | 'gone'
  /** It comes too late, or too early: the state of the scan decides. */
  | 'late'

type Row = Readonly<Record<Came, Meaning>>

const READ: Row = {
  data: 'done',
  nothing: 'way',
  page: 'way',
  redirect: 'way',
  unauthorized: 'us',
  forbidden: 'us',
  missing: 'way',
  conflict: 'way',
  precondition: 'us',
  refused: 'way',
  foreign: 'way',
  busy: 'busy',
  broken: 'way',
  failed: 'way',
}
const PREPARE: Row = { ...READ, forbidden: 'role', precondition: 'licence', refused: 'request' }
/** A scan that runs, or has run, is steered: no answer ends it. */
const STEER: Row = { ...READ, nothing: 'done', missing: 'gone', forbidden: 'late', conflict: 'late', foreign: 'late' }

const TABLE: Readonly<Record<Asked, Row>> = {
  login: READ,
  look: { ...READ, missing: 'gone' },
  list: READ,
  prepare: PREPARE,
  create: PREPARE,
  launch: { ...PREPARE, missing: 'gone', forbidden: 'late', conflict: 'late', foreign: 'late' },
  pause: STEER,
  resume: STEER,
  stop: STEER,
  kill: STEER,
  delete: STEER,
  export: { ...READ, missing: 'gone', conflict: 'late', refused: 'request' },
  'follow an export': { ...READ, missing: 'gone', failed: 'gone' },
  // Its data is the report, which is no JSON; JSON is a message that it is not ready.
  download: { ...READ, data: 'late', page: 'done', missing: 'gone', conflict: 'late' },
}

export function meaningOf(asked: Asked, came: Came): Meaning {
  return TABLE[asked][came]
}

/** Sorts an answer; a body that did not come whole is not read. */
export function whatCame({ status, text }: { readonly status: number; readonly text: string }): Came {
  const data = parseJson(text)
  if (status === 200) return text.trim() === '' ? 'nothing' : data === undefined ? 'page' : 'data'
  if (status < 300) return 'page'
  if (status < 400) return 'redirect'
  if (status >= 500 && status !== 503) return isFailedExport(data) ? 'failed' : 'broken'
  switch (status) {
    case 401:
      return 'unauthorized'
    case 408:
    case 429:
    case 503:
      return 'busy'
    // What follows is a look at the scan or its licence, so whose words these are does no harm.
    case 409:
      return 'conflict'
    case 412:
      return 'precondition'
  }
  if (ownWords(data) === undefined) return 'foreign'
  return status === 403 ? 'forbidden' : status === 404 ? 'missing' : 'refused'
}

/** The scanner's own sentence in an error body; `undefined` for a body that is not in its form. */
export function ownWords(data: unknown): string | undefined {
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined
  return typeof error === 'string' && error !== '' ? error : undefined
}

export function parseJson(text: string): unknown {
  try {
    // Some proxies put a byte order mark before it.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown
  } catch {
    return undefined
  }
}

function isFailedExport(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'status' in data && data.status === 'error'
}
