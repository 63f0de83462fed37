import { describe, expect, test } from 'vitest'
import { makeLog } from '../../lib/observe/log.ts'
import { redact, redactText } from '../../lib/observe/redact.ts'

const CANARY = 'canary-91c2'

describe('fields that look secret by name are masked', () => {
  test.each([
    'password',
    'Password',
    'ssh_password',
    'escalationPassword',
    'passphrase',
    'secret',
    'secretKey',
    'SECRET_KEY',
    'token',
    'temp_token',
    'X-API-Token',
    'accessKey',
    'access_key',
    'private_key',
    'apiKey',
    'key',
    'authorization',
    'Cookie',
    'credentials',
    'sealed',
  ])('%s', (name) => {
    expect(redact({ deep: [{ [name]: CANARY }], [name]: { nested: CANARY } })).toEqual({
      deep: [{ [name]: '***' }],
      [name]: '***',
    })
  })
})

test('names that only resemble secrets keep their values', () => {
  const plain = {
    idempotency_key: 'k1',
    authentication_status: 'failed',
    keys: 3,
    credential: 'linux-prod',
    has_token: false,
  }
  expect(redact(plain)).toEqual(plain)
})

test.each([
  `redis://user:${CANARY}@host:6379/0`,
  `rediss://:${CANARY}@host`,
  `Authorization: Bearer ${CANARY}`,
  `refused: Bearer ${CANARY}-and-more-of-it`,
  `redis://user:p@${CANARY}@host`,
  `X-ApiKeys: accessKey=${CANARY}; secretKey=${CANARY}`,
  `{"password":"${CANARY}"}`,
  `token=${CANARY}&x=1`,
  `-----BEGIN RSA PRIVATE KEY-----\n${CANARY}\n-----END RSA PRIVATE KEY-----`,
  `X-Cookie: token=${CANARY}`,
  `x-cookie: ${CANARY}`,
  `X-API-Token: ${CANARY}`,
  `'x-api-token': '${CANARY}'`,
  `Mcp-Session-Id: ${CANARY}`,
  `nmcp_${CANARY}-and-more-of-it`,
  JSON.stringify({ password: `a"b${CANARY}` }),
  JSON.stringify({ password: `a\\${CANARY}` }),
  JSON.stringify(JSON.stringify({ password: `a"b ${CANARY}`, more: 'x' })),
  JSON.stringify({ body: JSON.stringify({ body: JSON.stringify({ password: `a"b' ${CANARY}` }) }) }),
  JSON.stringify({
    headers: { 'x-cookie': `token=${CANARY}`, 'X-ApiKeys': `accessKey=${CANARY}; secretKey=${CANARY}` },
  }),
  JSON.stringify({ private_key: `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----` }),
  `password='with spaces ${CANARY}'`,
])('text that looks secret by form is masked: %s', (text) => {
  expect(redactText(text)).not.toContain(CANARY)
  expect(redactText(text)).toContain('***')
})

test('a canary placed anywhere in an event reaches neither form of the log', () => {
  const error = Object.assign(new Error(`login failed for redis://u:${CANARY}@h`), { password: CANARY })
  const event = {
    error: new Error('outer', { cause: error }),
    list: new Map([['token', CANARY]]),
    headers: { cookie: CANARY },
  }
  for (const format of ['json', 'pretty'] as const) {
    let written = ''
    makeLog({ level: 'debug', format, stream: { write: (line) => (written += line) } }).error(
      `password: ${CANARY}`,
      event,
    )
    expect(written).toContain('outer')
    expect(written).not.toContain(CANARY)
  }
})

describe('whatever is logged stays bounded and plain', () => {
  test('cycles, depth, long lists and long texts are cut', () => {
    const cycle: Record<string, unknown> = { list: Array.from({ length: 500 }, (_, i) => i), text: 'x'.repeat(100_000) }
    cycle['self'] = cycle
    let deep: object = {}
    for (let i = 0; i < 1000; i++) deep = { deep }
    cycle['deep'] = deep
    const line = JSON.stringify(redact(cycle))
    expect(line).toContain('[circular]')
    expect(line).toContain('[deeper]')
    expect(line).toContain('… 400 more')
    expect(line.length).toBeLessThan(20_000)
  })

  test('the same object twice side by side is no cycle', () => {
    const shared = { host: 'a' }
    expect(redact({ one: shared, two: shared })).toEqual({ one: shared, two: shared })
  })

  test('an error that is its own cause ends', () => {
    const error = new Error('loop')
    error.cause = error
    expect(redact(error)).toMatchObject({ message: 'loop' })
    expect(redact(error)).not.toHaveProperty('cause')
  })

  test('values that JSON cannot hold become text', () => {
    expect(
      redact({ big: 10n, at: new Date(0), none: undefined, bytes: Buffer.from('abc'), not: new Date(NaN) }),
    ).toEqual({
      big: '10',
      at: '1970-01-01T00:00:00.000Z',
      none: undefined,
      bytes: '[3 bytes]',
      not: 'Invalid Date',
    })
  })
})
