/** A page in somebody's browser reaches the gateway neither under another name nor from another origin. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDoor, type Door } from './support/door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor({
    allowedHosts: ['192.168.7.7', 'public.test', 'gateway.test', 'ported.test:9000'],
    allowedOrigins: ['http://localhost:6274', 'https://app.test'],
    publicUrl: 'https://public.test:8443/nessus',
  })
})
afterAll(async () => {
  await door.close()
})

const JSON_TYPE = { 'content-type': 'application/json' }
const post = (
  headers: Record<string, string>,
  { host = 'localhost:8836', path = '/tools/list_tasks', body = '{}' } = {},
) => door.ask(path, { host, method: 'POST', headers, body })

const PATHS = [
  '/',
  '/openapi.json',
  '/health',
  '/ready',
  '/metrics',
  '/mcp',
  '/tools/echo',
  '/scans/x/native',
  '/nothing',
]

describe('the Host', () => {
  test.each([
    'localhost:8836',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1',
    '[::1]:80',
    '192.168.7.7:8836',
    'gateway.test',
    'gateway.test:1234',
    'ported.test:9000',
    'public.test',
  ])('%s is let in', async (host) => {
    expect((await door.ask('/openapi.json', { host })).status).toBe(200)
  })

  test.each(PATHS)('that is unknown is turned away at %s, saying what to do', async (path) => {
    for (const host of [
      'evil.test',
      'evil.test:8836',
      'localhost.evil.test',
      'ported.test:9001',
      'a b',
      'localhost@evil',
    ]) {
      const response = await door.ask(path, { host })
      expect([host, response.status]).toEqual([host, 421])
      expect(await response.text()).toContain('ALLOWED_HOSTS')
    }
  })

  test('may be an address where machines ask by address, and nowhere else', async () => {
    for (const host of ['10.1.2.3:8836', '[fd00::5]:8836']) {
      for (const path of ['/health', '/ready', '/metrics']) expect((await door.ask(path, { host })).status).toBe(200)
      expect((await door.ask('/openapi.json', { host })).status).toBe(421)
    }
  })
})

describe('the Origin', () => {
  test.each([
    ['http://localhost:8836', 'localhost:8836'],
    ['http://127.0.0.1:8836', '127.0.0.1:8836'],
    ['http://[::1]:8836', '[::1]:8836'],
    ['https://gateway.test', 'gateway.test'],
    ['http://gateway.test:80', 'gateway.test'],
    ['https://app.test', 'localhost:8836'],
    ['https://app.test:443', 'localhost:8836'],
    ['https://public.test:8443', 'localhost:8836'],
    ['http://localhost:6274', 'localhost:8836'],
  ])('%s may call %s', async (origin, host) => {
    expect((await post({ origin, ...JSON_TYPE }, { host })).status).toBe(200)
  })

  test.each([
    ['http://localhost:3000', 'localhost:8836'],
    ['http://localhost', 'localhost:8836'],
    ['http://127.0.0.1', 'localhost:8836'],
    ['http://127.0.0.1:8836', 'localhost:8836'],
    ['http://192.168.7.7', 'localhost:8836'],
    ['http://192.168.7.7:3000', '192.168.7.7:8836'],
    ['https://gateway.test:8443', 'localhost:8836'],
    ['https://gateway.test', 'localhost:8836'],
    ['https://gateway.test:8443', 'gateway.test:9000'],
    ['http://app.test', 'localhost:8836'],
    ['https://app.test:8443', 'localhost:8836'],
    ['https://public.test', 'localhost:8836'],
    ['http://public.test:8443', 'localhost:8836'],
    ['https://evil.test', 'localhost:8836'],
    ['https://gateway.test.evil', 'localhost:8836'],
    ['https://gateway.test@evil.test', 'localhost:8836'],
    ['file://localhost:8836', 'localhost:8836'],
    ['null', 'localhost:8836'],
    ['', 'localhost:8836'],
  ])('%j may not call %s', async (origin, host) => {
    const response = await post({ origin, ...JSON_TYPE }, { host })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('port included')
  })
})

describe('the type of what is posted', () => {
  const browsers = [
    { origin: 'http://localhost:8836' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
  ]
  const simple = [
    {},
    ...[
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'text/plain; application/json',
    ].map((type) => ({ 'content-type': type })),
  ]

  test.each(browsers)('must be JSON from a browser (%o)', async (browser) => {
    for (const path of ['/tools/list_tasks', '/mcp', '/scans/import', '/scans/import/']) {
      for (const type of simple) {
        const response = await post({ ...browser, ...type } as Record<string, string>, { path })
        expect([path, type, response.status]).toEqual([path, type, 415])
      }
    }
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/vnd.x+json',
    ])
      expect((await post({ ...browser, 'content-type': type } as Record<string, string>)).status).toBe(200)
  })

  test('may be a file where one is uploaded', async () => {
    const types = ['application/octet-stream', 'application/xml']
    for (const type of types) {
      const response = await post({ ...browsers[0], 'content-type': type } as Record<string, string>, {
        path: '/scans/import',
      })
      expect(response.status).not.toBe(415)
    }
  })

  test('does not matter from a program that sends neither header', async () => {
    for (const type of simple) expect((await post(type as Record<string, string>)).status).toBe(200)
  })
})
