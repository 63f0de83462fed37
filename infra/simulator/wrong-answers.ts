/**
 * What comes in a scanner's place, or from it in a bad moment, whole: status, form
 * and words as the fact sheets have them. What a client makes of them is not known here.
 */
const JSON_TYPE = 'application/json'
const HTML_TYPE = 'text/html; charset=utf-8'

export interface WrongAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const page = (status: number, title: string, headers: Record<string, string> = {}): WrongAnswer => ({
  status,
  body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><center><h1>${status} ${title}</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n`,
  headers: { 'content-type': HTML_TYPE, server: 'nginx', ...headers },
})
const words = (status: number, error: string, headers: Record<string, string> = {}): WrongAnswer => ({
  status,
  body: JSON.stringify({ error }),
  headers: { 'content-type': JSON_TYPE, ...headers },
})

export const WRONG_ANSWERS = {
  /** A portal, or a proxy that insists on https. */
  redirect: page(302, 'Found', { location: 'https://portal.example/login' }),
  unauthorized: words(401, 'Invalid Credentials'),
  forbidden: words(403, 'You are not authorized to perform this request'),
  'proxy forbids': page(403, 'Forbidden'),
  'not found': words(404, 'The requested file was not found'),
  'proxy finds nothing': page(404, 'Not Found'),
  conflict: words(409, 'The scan is not in a state that allows this'),
  'no api': words(412, 'API is not available', { connection: 'close' }),
  'too many': words(429, 'Too many requests', { 'retry-after': '2' }),
  'server error': words(500, 'Internal Server Error'),
  'bad gateway': page(502, 'Bad Gateway'),
  loading: { status: 503, body: '{"status":"loading","progress":50}', headers: { 'content-type': JSON_TYPE } },
  'gateway timeout': page(504, 'Gateway Time-out'),
  /** A page that says it is well. */
  'page instead': page(200, 'Welcome'),
  nothing: { status: 200, body: '', headers: {} },
} as const satisfies Readonly<Record<string, WrongAnswer>>

export type WrongAnswerName = keyof typeof WRONG_ANSWERS
export const WRONG_ANSWER_NAMES = Object.keys(WRONG_ANSWERS) as WrongAnswerName[]
