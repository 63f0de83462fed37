import { expect, test } from 'vitest'
import { parseAddress, serverUrl, withoutPassword } from '../../../lib/bus/redis/connection/address.ts'

test.each(['redis://h:6379/1', 'rediss://u:p@h', 'unix:/run/redis.sock'])('%s is one server', (url) => {
  expect(parseAddress(url)).toEqual({ kind: 'server', url })
})

test('sentinels have ports and a login of their own', () => {
  const url = 'rediss+sentinel://user:p%40ss@a,b:1,[::1]:2/scans/3?sentinel_username=watch&sentinel_password=s/e'
  expect(parseAddress(url)).toEqual({
    kind: 'sentinel',
    scheme: 'rediss',
    login: 'user:p%40ss@',
    nodes: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 1 },
      { host: '::1', port: 2 },
    ],
    master: 'scans',
    database: '/3',
    sentinelLogin: 'watch:s%2Fe@',
  })
})

test('the login of the servers is not sent to the sentinels', () => {
  expect(parseAddress('redis+sentinel://user:secret@a/scans')).toMatchObject({ sentinelLogin: '' })
})

test('nodes of a cluster listen on the port of a server unless they say otherwise', () => {
  expect(parseAddress('redis+cluster://a,b:7000')).toMatchObject({
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7000 },
    ],
  })
})

test.each([
  'redis+sentinel://a',
  'redis+sentinel://secret@/scans',
  'redis+cluster://a:secret',
  'redis+cluster://a:0',
  `redis+cluster://${Array.from({ length: 33 }, (_, n) => `h${n}`).join(',')}`,
])('%s is refused, and not repeated in the message', (url) => {
  expect(() => parseAddress(url)).toThrow(/^REDIS_URL: expected (?!.*secret)/)
})

test('the URL of a server has its login, and brackets where they are needed', () => {
  expect(serverUrl({ scheme: 'rediss', login: 'u:p@' }, { host: '::1', port: 7 }, '/2')).toBe('rediss://u:p@[::1]:7/2')
})

test('no password is shown, of servers or of sentinels', () => {
  const url = 'redis+sentinel://u:secret@a:1,b:2/scans/0?sentinel_password=secret'
  expect(withoutPassword(url)).toBe('redis+sentinel://a:1,b:2/scans/0')
})
