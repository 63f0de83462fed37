/** Whatever a caller sends, the gateway answers it or hangs up, says nothing of an error of its own, and goes on. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDoor, type Door } from './support/door.ts'
import { rawStatus, requestOf } from './support/raw-http.ts'

let door: Door
let port: number
let task: string
const loose: unknown[] = []
const note = (error: unknown) => loose.push(error)
beforeAll(async () => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  door = await openDoor()
  port = Number(new URL(await door.listen()).port)
  task = door.addScan('one').task_id
})
afterAll(async () => {
  await door.close()
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
})

const JSON_TYPE = { 'content-type': 'application/json' }
const MCP = { ...JSON_TYPE, accept: 'application/json, text/event-stream' }
const form = (boundary: string) => ({ 'content-type': `multipart/form-data; boundary=${boundary}` })
const part = 'content-disposition: form-data; name="file"; filename="a"\r\n\r\n'
const call = (args: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${args}}}`
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepObject = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const upload = (headers: Record<string, string>, body: string) => requestOf('POST /scans/import', headers, body)
const echo = (body: string | Uint8Array) => requestOf('POST /tools/echo', JSON_TYPE, body)
const mcp = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  requestOf('POST /mcp', { ...MCP, ...headers }, body)
const get = (path: string, headers: Record<string, string> = {}) => requestOf(`GET ${path}`, headers)

const REQUESTS: readonly (readonly [what: string, pieces: readonly (string | Uint8Array)[]])[] = [
  [
    'a form whose part ends within its head',
    upload(form('x'), '--x\r\ncontent-disposition: form-data; name="file"\r\n--x--'),
  ],
  ['a form whose file ends early', upload(form('x'), `--x\r\n${part}abc`)],
  ['a form whose file ends early, closed', upload(form('x'), `--x\r\n${part}\r\n--x--`)],
  ['a form with another boundary', upload(form('y'), `--x\r\n${part}abc\r\n--x--\r\n`)],
  ['a form without a boundary', upload({ 'content-type': 'multipart/form-data' }, 'abc')],
  ['a form with an empty boundary', upload(form('""'), '--\r\n')],
  ['a form with a boundary of 10,000', upload(form('b'.repeat(10_000)), 'abc')],
  ['a form of another kind', upload({ 'content-type': 'multipart/form-datum; boundary=x' }, '--x')],
  ['a form with a head that never ends', upload(form('x'), `--x\r\nx: ${'a'.repeat(300_000)}`)],
  ['a form with 100,000 heads', upload(form('x'), `--x\r\n${'a: b\r\n'.repeat(100_000)}\r\n`)],
  [
    'a form with 10,000 fields',
    upload(form('x'), '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n'.repeat(10_000)),
  ],
  ['a form with a head of NUL and bad UTF-8', upload(form('x'), '--x\r\n\0\xff: \xfe\r\n\r\na\r\n--x--')],
  [
    'a form with odd encodings of its name',
    upload(form('x'), "--x\r\ncontent-disposition: form-data; filename*=utf-9''%zz%\r\n\r\na\r\n--x--\r\n"),
  ],
  [
    'an import whose parameters are names of the language',
    requestOf('POST /scans/import?__proto__=1&constructor=2&upload=../../x', {}, 'abc'),
  ],
  ['an import with broken percents', requestOf('POST /scans/import?name=%zz%e0%a4', {}, 'abc')],
  ['an import without a body', requestOf('POST /scans/import', {})],
  ...['[', '{'].map((what) => [`JSON of 200,000 ${what}`, echo(what.repeat(200_000))] as const),
  ...[500, 5000, 100_000].flatMap((depth) => [
    [`a list ${depth} deep as an argument`, echo(`{"text":${deep(depth)}}`)] as const,
    [`an object ${depth} deep as arguments`, echo(deepObject(depth))] as const,
    [`a call ${depth} deep over MCP`, mcp(call(deepObject(depth)))] as const,
    [`a message ${depth} deep over MCP`, mcp(deep(depth))] as const,
    [
      `a _meta ${depth} deep over MCP`,
      mcp(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":${deepObject(depth)}}}`),
    ] as const,
    [
      `filters ${depth} deep in an address`,
      get(`/scans/x/results?filters=${'%5B'.repeat(depth > 4000 ? 4000 : depth)}`),
    ] as const,
  ]),
  ...[
    '{"__proto__":{"text":"a"}}',
    '{"constructor":1,"text":"a"}',
    '{"text":"a","toString":1}',
    '{"text":{"__proto__":null}}',
  ].flatMap((args) => [
    [`arguments ${args}`, echo(args)] as const,
    [`arguments ${args} over MCP`, mcp(call(args))] as const,
  ]),
  ...['\0', '\\u0000', '\\ud800', '\ufeff', '\x7f'].map(
    (text) => [`a text of ${JSON.stringify(text)}`, echo(`{"text":"${text}"}`)] as const,
  ),
  ['a text of bad UTF-8', echo(Buffer.from('7b2274657874223a22fffec0af227d', 'hex'))],
  ['a body in UTF-16', echo(Buffer.from('{"text":"a"}', 'utf16le'))],
  ['a number beyond all', echo('{"text":"a","times":1e999}')],
  ['4 MB of spaces', echo(' '.repeat(4_000_000))],
  ['a body above the limit', echo('a'.repeat(4_300_000))],
  ...['null', '1', '"a"', '[]', '[1]', '[null]', '{}', '[[]]', 'x', '[{}]', `[${'1,'.repeat(50_000)}1]`].map(
    (body) => [`MCP's ${body.slice(0, 20)}`, mcp(body)] as const,
  ),
  ...[
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":5}',
    '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
    '{"jsonrpc":"2.0","id":1,"method":"toString","params":[]}',
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":null}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"__proto__"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":[1]}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":"a"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","_meta":{"progressToken":{"a":1}}}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","_meta":5}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"nessus://scans/%"}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"nessus://scans/%00/native"}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"::"}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/list","params":{"cursor":"__proto__"}}',
    '{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"__proto__"},"argument":{"name":"a","value":"b"}}}',
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"constructor"}}',
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":5}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":5}',
    '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":5}}',
  ].flatMap((body) => [
    [`MCP's ${body}`, mcp(body)] as const,
    [
      `the newer MCP's ${body}`,
      mcp(body, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': '__proto__' }),
    ] as const,
    [`a session's ${body}`, mcp(body, { 'mcp-session-id': '__proto__' })] as const,
  ]),
  [
    'a batch of 40,000',
    mcp(`[${Array.from({ length: 40_000 }, (_, id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`).join(',')}]`),
  ],
  ['a stream of no session', get('/mcp', { accept: 'text/event-stream', 'mcp-session-id': 'a\x01b' })],
  ['a session id of 8,000', get('/mcp', { accept: 'text/event-stream', 'mcp-session-id': 'a'.repeat(8000) })],
  ['a place that is none', get('/mcp', { accept: 'text/event-stream', 'last-event-id': '9'.repeat(5000) })],
  ...[
    '%',
    '%zz',
    '%e0%a4%a',
    '%00',
    '%2e%2e%2f%2e%2e',
    '%ff%fe',
    '__proto__',
    'constructor',
    '..%5c..',
    'a'.repeat(9000),
  ].flatMap((id) => [
    [`the report of ${id.slice(0, 20)}`, get(`/scans/${id}/native`)] as const,
    [`the results of ${id.slice(0, 20)}`, get(`/scans/${id}/results`)] as const,
    [`the tool ${id.slice(0, 20)}`, requestOf(`POST /tools/${id}`, JSON_TYPE, '{}')] as const,
    [`the path ${id.slice(0, 20)}`, get(`/${id}?${id}=${id}`)] as const,
  ]),
  ...[
    'filters=%',
    'filters={"__proto__":1}',
    'filters=%00',
    'sort=%ff',
    'custom_fields=__proto__',
    'schema_profile=constructor',
    '__proto__=1',
    'filters=1&filters=2',
  ].map((query) => [`results?${query}`, get(`/scans/TASK/results?${query}`)] as const),
  ...['bytes=-', 'bytes=0-0,2-3', `bytes=${'9'.repeat(400)}-`, 'bytes=5-2', 'lines=1-2', 'bytes=0-\x01'].map(
    (range) => [`the range ${range.slice(0, 20)}`, get('/scans/TASK/native', { range })] as const,
  ),
  ...[
    '//',
    '/..',
    '/../../etc/passwd',
    '*',
    'http://localhost/health',
    'http://evil.test/health',
    'http://[::1',
    '/\\health',
    '/a#b',
  ].flatMap((path) => [
    [`GET ${path}`, get(path)] as const,
    [`OPTIONS ${path}`, requestOf(`OPTIONS ${path}`, {})] as const,
  ]),
  ...['TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'post', 'M-SEARCH', 'BREW'].flatMap((method) => [
    [`${method} of a tool`, requestOf(`${method} /tools/echo`, JSON_TYPE, '{"text":"a"}')] as const,
    [`${method} of MCP`, requestOf(`${method} /mcp`, MCP, '{}')] as const,
    [`${method} of an import`, requestOf(`${method} /scans/import`, {}, 'abc')] as const,
  ]),
  ['a host that is none', requestOf('GET /health', { host: 'a b' })],
  ['a host of brackets', requestOf('GET /openapi.json', { host: '[::1' })],
  ['no host', ['GET /openapi.json HTTP/1.1\r\n\r\n']],
  ['two hosts', ['GET /openapi.json HTTP/1.1\r\nhost: localhost\r\nhost: evil.test\r\n\r\n']],
  ['HTTP/1.0 without a host', ['GET /openapi.json HTTP/1.0\r\n\r\n']],
  ['an origin that is none', get('/tools/echo', { origin: '::::' })],
  ['a trace of control characters', get('/openapi.json', { traceparent: '\x01\x02' })],
  ['a token of 10,000', get('/tools/echo', { authorization: `Bearer ${'a'.repeat(10_000)}` })],
  ['a header of 20,000', get('/health', { x: 'a'.repeat(20_000) })],
  ['3,000 headers', get('/health', Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`x${n}`, '1'])))],
  [
    'two lengths',
    ['POST /tools/echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde'],
  ],
  [
    'a length and chunks',
    [
      'POST /tools/echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ],
  [
    'chunks that are none',
    ['POST /tools/echo HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n'],
  ],
  [
    'chunks that are none, to an import',
    ['POST /scans/import HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n\r\n'],
  ],
  ['an unknown expectation', get('/health', { expect: 'the-unexpected' })],
  ['an upgrade', get('/mcp', { connection: 'upgrade', upgrade: 'websocket' })],
  ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']],
]

const SOON = { timeout: 10_000, interval: 50 }

/** The files of the data directory that this process holds open, where the system tells. */
function openFiles(): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.startsWith(door.dataDir) ? [path] : []
    } catch {
      return []
    }
  })
}

const goesOn = async () => {
  expect(await rawStatus({ port, pieces: echo('{"text":"still here"}') })).toBe(200)
  expect(loose).toEqual([])
}

test.each(REQUESTS)('%s', async (_what, pieces) => {
  const named = pieces.map((piece) => (typeof piece === 'string' ? piece.replace('TASK', task) : piece))
  const status = await rawStatus({ port, pieces: named })
  expect(status === 'closed' || (typeof status === 'number' && status < 500), `${status}`).toBe(true)
  await goesOn()
})

test.each(REQUESTS)('%s, by a client that says no more', async (_what, pieces) => {
  const named = pieces.map((piece) => (typeof piece === 'string' ? piece.replace('TASK', task) : piece))
  const status = await rawStatus({ port, pieces: named, finish: 'half-close' })
  expect(status === 'closed' || (typeof status === 'number' && status < 500), `${status}`).toBe(true)
  expect(loose).toEqual([])
})

test('clients that vanish midway end nothing and leave nothing', async () => {
  const vanish = (pieces: readonly (string | Uint8Array)[]) => rawStatus({ port, pieces, finish: 'vanish' })
  for (const [, pieces] of REQUESTS) await vanish(pieces)
  await goesOn()
  // What was taken whole waits there for a worker that these tests do without.
  const incoming = join(door.dataDir, 'incoming')
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { force: true })
  const [head = ''] = requestOf('POST /scans/import', { ...form('x'), 'content-length': '100000' })
  const cutOff = [head as string, `--x\r\n${part}`, 'a'.repeat(5000)]
  const plain = [requestOf('POST /scans/import', { 'content-length': '9000' })[0] as string, 'a'.repeat(5000)]
  await Promise.all(Array.from({ length: 200 }, (_, at) => vanish(at % 2 === 0 ? cutOff : plain)))
  await goesOn()
  await expect
    .poll(async () => ({ files: await readdir(incoming), open: openFiles() }), SOON)
    .toEqual({
      files: [],
      open: [],
    })
})
