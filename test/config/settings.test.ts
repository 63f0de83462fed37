import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSettings } from '../../config/settings.ts'

const CANARY = 'canary-7f3a-too-short'
let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'settings-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function complaint(env: Record<string, string>): string {
  try {
    loadSettings(env)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected the settings to be refused')
}

describe('loadSettings', () => {
  test('an empty environment gives the documented defaults, durations in milliseconds', () => {
    expect(loadSettings({})).toMatchObject({
      port: 8836,
      host: '127.0.0.1',
      redisUrl: undefined,
      redisPrefix: 'nessus',
      dataDir: './data',
      scannerConfig: 'config/scanners.yaml',
      noAuth: false,
      secretKey: undefined,
      functions: [],
      pollIntervalMs: 30_000,
      scanTimeoutMs: 86_400_000,
      leaseMs: 30_000,
      completedTtlMs: 7 * 86_400_000,
      failedTtlMs: 30 * 86_400_000,
      housekeepingIntervalMs: 3_600_000,
      nessusScanRetentionMs: 86_400_000,
      logFormat: 'auto',
    })
  })

  test('an empty variable counts as absent', () => {
    expect(loadSettings({ PORT: '', REDIS_URL: '', SECRET_KEY_FILE: '' })).toMatchObject({
      port: 8836,
      redisUrl: undefined,
    })
  })

  test('settings cannot be changed, neither the object nor a list in it', () => {
    const settings = loadSettings({ FUNCTIONS: 'poll, create,poll' })
    expect(settings.functions).toEqual(['poll', 'create'])
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.functions)).toBe(true)
  })

  test('fractions of a unit are understood', () => {
    expect(loadSettings({ POLL_INTERVAL_SECONDS: '0.25', SCAN_TIMEOUT_HOURS: '1.5' })).toMatchObject({
      pollIntervalMs: 250,
      scanTimeoutMs: 5_400_000,
    })
  })

  test.each([
    [
      'PORT',
      '70000',
      'PORT: expected a whole number from 0 to 65535, got "70000"; correct it, or unset it to use the default 8836',
    ],
    ['PORT', '-1', 'PORT: expected a whole number'],
    ['PORT', '0x50', 'PORT: expected a whole number'],
    ['NO_AUTH', 'maybe', 'NO_AUTH: expected true or false, got "maybe"'],
    ['LOG_FORMAT', 'xml', 'LOG_FORMAT: expected one of auto, pretty, json, got "xml"'],
    ['POLL_INTERVAL_SECONDS', '30s', 'POLL_INTERVAL_SECONDS: expected a number from 0.05 to 3600, got "30s"'],
    ['POLL_INTERVAL_SECONDS', '.', 'POLL_INTERVAL_SECONDS: expected a number'],
    ['FUNCTIONS', 'poll,../etc', 'FUNCTIONS: expected comma-separated names'],
    ['REDIS_PREFIX', 'a{b}', 'REDIS_PREFIX: expected 1 to 32 letters'],
    ['PUBLIC_URL', 'ftp://x', 'PUBLIC_URL: expected a URL that begins with http:// or https://'],
    ['PUBLIC_URL', 'unix:///run/x', 'PUBLIC_URL: expected a URL that begins with http://'],
    ['PUBLIC_URL', 'nonsense', 'PUBLIC_URL: expected a URL'],
    ['HOST', 'a b', 'HOST: expected an IP address or a host name'],
  ])('%s=%s is refused with what was expected, what came and the remedy', (name, value, message) => {
    expect(complaint({ [name]: value })).toContain(message)
  })

  test.each([
    'redis://h:6379/1',
    'rediss://u:p@h',
    'unix:///run/redis.sock',
    'unix://u:p@/run/redis.sock',
    'redis+sentinel://u:p@a:26379,b/scans/1?sentinel_password=p',
    'rediss+cluster://a:7000,[::1]:7001',
  ])('REDIS_URL takes %s', (redisUrl) => expect(loadSettings({ REDIS_URL: redisUrl }).redisUrl).toBe(redisUrl))

  test.each(['redis+sentinel://a:26379', 'redis+cluster://a:7000/0', 'redis+cluster://', 'redis+other://a'])(
    'REDIS_URL=%s is refused with the forms that there are',
    (redisUrl) => expect(complaint({ REDIS_URL: redisUrl })).toMatch(/REDIS_URL: expected .*redis\+sentinel:\/\//),
  )

  test('all bad variables are reported at once', () => {
    const message = complaint({ PORT: 'x', LEASE_SECONDS: 'y', LOG_LEVEL: 'loud' })
    expect(message).toMatch(/PORT:[^]*LEASE_SECONDS:[^]*LOG_LEVEL:/)
  })

  test('a long wrong value is cut in the message', () => {
    expect(complaint({ PORT: '9'.repeat(5000) }).length).toBeLessThan(300)
  })
})

describe('secrets', () => {
  test('a bad secret is described without its value', () => {
    const message = complaint({ SECRET_KEY: CANARY, REDIS_URL: `http://user:${CANARY}@host` })
    expect(message).toContain('SECRET_KEY: expected at least 32 characters')
    expect(message).toContain('REDIS_URL: expected a URL that begins with redis://')
    expect(message).not.toContain(CANARY)
  })

  test('a secret is read from the file its *_FILE variable names, without the final newline', () => {
    const key = 'k'.repeat(32)
    expect(loadSettings({ SECRET_KEY_FILE: file('key', `${key}\n`) }).secretKey).toBe(key)
    expect(loadSettings({ REDIS_URL_FILE: file('url', 'redis://h:1') }).redisUrl).toBe('redis://h:1')
  })

  test('a bad secret in a file names the *_FILE variable', () => {
    const message = complaint({ SECRET_KEY_FILE: file('bad', CANARY) })
    expect(message).toContain('SECRET_KEY_FILE: expected at least 32 characters')
    expect(message).not.toContain(CANARY)
  })

  test('a missing file, a folder and an oversized file are each explained', () => {
    expect(complaint({ SECRET_KEY_FILE: join(folder, 'none') })).toContain('got ENOENT for')
    expect(complaint({ SECRET_KEY_FILE: folder })).toContain('got EISDIR for')
    expect(complaint({ SECRET_KEY_FILE: file('big', 'x'.repeat(70_000)) })).toContain('at most 65536 bytes, got 70000')
  })

  test('giving a secret both ways is refused', () => {
    expect(complaint({ SECRET_KEY: 'k'.repeat(32), SECRET_KEY_FILE: file('key2', 'x') })).toContain(
      'expected one of SECRET_KEY and SECRET_KEY_FILE, got both',
    )
  })
})
