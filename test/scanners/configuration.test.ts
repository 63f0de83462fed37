import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { parseConfiguration } from '../../lib/scanners/configuration/configuration.ts'

const parse = (text: string, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  parseConfiguration({
    text,
    file: '/etc/n/scanners.yaml',
    env,
    readFile(path) {
      const content = files[path]
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return content
    },
  })

const messageOf = (...args: Parameters<typeof parse>): string => {
  try {
    parse(...args)
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError)
    return (error as Error).message
  }
  throw new Error('expected a refusal')
}

/** One scanner in pool `dmz`, with `lines` put over it. */
const one = (lines: string) => `dmz:\n  - instance_id: a\n    url: https://n:8834\n${lines.replace(/^/gm, '    ')}\n`
const LOGIN = 'username: u\npassword: p'

describe('the file', () => {
  test.each(['', '# only a comment\n', '---\n'])('holds no scanners when it is %j', (text) => {
    expect(parse(text)).toEqual({ entries: [], credentials: [], poolOrder: [] })
  })

  test('holds pools in their order, with defaults filled in', () => {
    const { entries, poolOrder } = parse(
      `lan:\n  - {instance_id: one, url: "https://a:8834/", username: u, password: p}\ndmz:\n  - {name: Two, url: http://b, access_key: k, secret_key: s, max_concurrent_scans: 5}\nempty:\n`,
    )
    expect(poolOrder).toEqual(['lan', 'dmz', 'empty'])
    expect(entries[0]).toEqual({
      key: 'lan/one',
      pool: 'lan',
      instanceId: 'one',
      type: 'nessus',
      name: 'one',
      url: 'https://a:8834',
      enabled: true,
      maxConcurrentScans: 2,
      username: 'u',
      password: 'p',
      tls: {},
      webSession: false,
      allowedTargets: [],
      deniedTargets: [],
    })
    expect(entries[1]).toMatchObject({ name: 'Two', accessKey: 'k', secretKey: 's', maxConcurrentScans: 5 })
    expect(entries[1]?.instanceId).toMatch(/^[0-9a-f]{4}$/)
  })

  test('may have the older form, whose ids are derived and whose pool is the type', () => {
    const { entries, poolOrder } = parse(`scanners:
  - type: nessus
    name: "Production Nessus"
    url: "http://host.docker.internal:8834"
    credentials: {username: nessus, password: nessus, access_key: abc, secret_key: def}
  - {type: nessus, name: Dev, url: "http://nessus-dev:8834", enabled: false}
`)
    expect(poolOrder).toEqual(['nessus'])
    // printf 'http://host.docker.internal:8834:Production Nessus' | sha256sum | head -c4
    expect(entries[0]).toMatchObject({ key: 'nessus/cef0', accessKey: 'abc', secretKey: 'def' })
    expect(entries[0]).not.toHaveProperty('password')
    expect(entries[1]?.enabled).toBe(false)
  })

  test('holds named scan credentials', () => {
    const { credentials } = parse(
      'credentials:\n  linux:\n    username: root\n    password: x\n    elevate_privileges_with: sudo\n  win: {username: a, password: b, auth_method: windows password, domain: D}\n',
    )
    expect(credentials[0]).toEqual({
      name: 'linux',
      credentials: { username: 'root', password: 'x', authMethod: 'password', elevateWith: 'sudo' },
    })
    expect(credentials[1]?.credentials).toMatchObject({ authMethod: 'windows password', domain: 'D' })
  })
})

describe('variables', () => {
  test('are put into text after parsing, so that a value adds no structure', () => {
    const { entries } = parse(one('username: ${U}\npassword: ${P}\nenabled: ${ON:-true}\nmax_concurrent_scans: ${N}'), {
      U: 'x"\n    enabled: false',
      P: ': #{}\\',
      N: '7',
      ON: '',
    })
    expect(entries[0]).toMatchObject({
      username: 'x"\n    enabled: false',
      password: ': #{}\\',
      enabled: true,
      maxConcurrentScans: 7,
    })
  })

  test('are not put in twice: a value with ${ in it stays as it is', () => {
    expect(parse(one('username: u\npassword: a$${b}${P}'), { P: '${Q}' }).entries[0]?.password).toBe('a${b}${Q}')
  })

  test('that are unset name themselves, their path and line', () => {
    expect(messageOf(one('username: u\npassword: ${MISSING_ONE}'))).toMatch(
      /^\/etc\/n\/scanners\.yaml line 5: dmz\[0\]\.password: the variable MISSING_ONE is not set/,
    )
  })

  test('that are malformed say how to write a literal ${', () => {
    expect(messageOf(one('username: u\npassword: a${b'))).toMatch(/line 5: dmz\[0\]\.password: expected \$\{NAME\}/)
  })
})

test('what is taken in by schedule is read in minutes, hours or days', () => {
  const adoptOf = (text: string) => parse(one(`${LOGIN}\nadopt: ${text}`)).entries[0]?.adopt
  const rest = { partial: false, limit: 1000 }
  expect(adoptOf('{every: 30m, folder: Audits}')).toEqual({ everyMs: 1_800_000, folder: 'Audits', ...rest })
  expect(adoptOf('{every: 1d, name: weekly*, since: 2026-01-01, partial: true, limit: 5}')).toEqual({
    everyMs: 86_400_000,
    name: 'weekly*',
    since: '2026-01-01',
    partial: true,
    limit: 5,
  })
  expect(adoptOf('{every: 6h, all: true}')).toEqual({ everyMs: 21_600_000, ...rest })
})

describe('files', () => {
  test('give secrets, without their last line end, relative to the configuration', () => {
    const files = { '/etc/n/secrets/p': '  pa ss\t \n', '/run/u': 'user' }
    const { entries } = parse(one('username_file: /run/u\npassword_file: secrets/p'), {}, files)
    expect(entries[0]).toMatchObject({ username: 'user', password: '  pa ss\t ' })
  })

  test.each([
    ['username: u\npassword_file: gone', /password_file: cannot read \/etc\/n\/gone \(ENOENT\)$/],
    ['username: u\npassword: p\npassword_file: x', /expected either password or password_file, got both/],
    ['username: u\npassword_file: empty', /got 0$/],
  ])('are refused: %j', (lines, message) => {
    expect(messageOf(one(lines), {}, { '/etc/n/empty': '\n' })).toMatch(message)
  })
})

describe('a bad file is refused with line, path and remedy', () => {
  test.each([
    ['a: [', /^\/etc\/n\/scanners\.yaml line 1, column \d+: not valid YAML/],
    ['a: 1\na: 2', /line 2, column 1: not valid YAML: Map keys must be unique/],
    ['- a', /expected pools at the top/],
    ['dmz: 5', /line 1: dmz: expected a list of scanners .*, got a number/],
    ['dmz: [5]', /dmz\[0\]: expected a mapping/],
    ['"d m": []', /expected a pool name/],
    [
      one(`${LOGIN}\nmax_concurent_scans: 3`),
      /line 6: dmz\[0\]\.max_concurent_scans: unknown key; did you mean max_concurrent_scans\?/,
    ],
    [one(`${LOGIN}\npasword_file: 3`), /did you mean password_file/],
    [one(`${LOGIN}\nmax_concurrent_scans: 0`), /max_concurrent_scans: expected 1 to 100/],
    [one(`${LOGIN}\nenabled: perhaps`), /enabled: expected true or false/],
    [one(`${LOGIN}\ntype: openvas`), /type: expected nessus/],
    [one(`${LOGIN}\nallowed_targets: [10.0.0.0/33]`), /line 6: dmz\[0\]\.allowed_targets\[0\]: expected a CIDR/],
    [one(`${LOGIN}\ndenied_targets: [10.0.0.300]`), /denied_targets\[0\]: expected a CIDR/],
    [one(`${LOGIN}\nadopt: {every: 1m, folder: A}`), /adopt\.every: expected how often, 5m to 30d/],
    [one(`${LOGIN}\nadopt: {every: 6h}`), /adopt: expected folder, name, or all: true/],
    [one(`${LOGIN}\nadopt: {folder: A}`), /adopt\.every: missing/],
    [one(`${LOGIN}\nadopt: {every: 6h, folders: A}`), /adopt\.folders: unknown key; did you mean folder\?/],
    [one(`${LOGIN}\nadopt: {every: 6h, all: true, since: soon}`), /adopt\.since: expected a day/],
    [one(`${LOGIN}\naccess_key: k\nsecret_key: s`), /got both/],
    [one('username: u'), /expected username and password together, got only username/],
    [one('access_key: u'), /expected access_key and secret_key together/],
    [one('name: x'), /or enabled: false/],
    [one('access_key: k\nsecret_key: s\nweb_session: true'), /web_session needs username and password/],
    [
      one(`${LOGIN}\ntls: {insecure: true, fingerprint: ${'ab'.repeat(32)}}`),
      /expected one of ca, fingerprint and insecure, got fingerprint and insecure/,
    ],
    [one(`${LOGIN}\ntls: {fingerprint: abc}`), /tls\.fingerprint: expected a SHA-256/],
    [one(`${LOGIN}\ntls: {ca: gone.pem}`), /tls\.ca: expected a PEM certificate .*\(ENOENT\)/],
    [one(`${LOGIN}\ntls: {verify: false}`), /tls\.verify: unknown key/],
    [
      'p:\n  - {instance_id: a_b, url: "https://x", enabled: false}',
      /instance_id: expected .* without underscore, because it becomes a part of task ids/,
    ],
    ['p:\n  - {instance_id: a, url: "ftp://x", enabled: false}', /url: expected https:\/\/host:8834/],
    [
      'p:\n  - {instance_id: a, url: "http://x", enabled: false, tls: {insecure: true}}',
      /insecure means nothing for an http/,
    ],
    ['p:\n  - {instance_id: a, url: "https://u:p@x", enabled: false}', /url: expected no user and password in the url/],
    ['p:\n  - {instance_id: a, enabled: false}', /line 2: p\[0\]\.url: missing/],
    ['p:\n  - {url: "http://x", enabled: false}', /expected instance_id, or a name/],
    [
      'p:\n  - {instance_id: a, url: "http://x", enabled: false}\n  - {instance_id: A, url: "http://y", enabled: false}',
      /line 3: p\[1\]: expected instance ids that differ/,
    ],
    ['credentials: {x: {password: p}}', /credentials\.x\.username: missing/],
    [
      'credentials: {x: {username: u, auth_method: public key}}',
      /private_key: missing; auth_method public key needs it/,
    ],
    ['credentials: {"a b": {username: u, password: p}}', /expected a name of/],
  ])('%j', (text, message) => {
    expect(messageOf(text)).toMatch(message)
  })

  test('tells every problem at once', () => {
    expect(messageOf(one('username: u\ntype: x\nbogus: 1')).split('\n')).toHaveLength(2)
  })

  test('never repeats a secret', () => {
    const text = one('username: 5551234\npassword: [canary1]\naccess_key: canary2\nsecret_key: 42424242')
    expect(messageOf(text)).not.toMatch(/canary|5551234|42424242/)
    expect(messageOf('p:\n  - {instance_id: a, url: "https://canary1:canary2@x"}')).not.toMatch(/canary/)
    expect(messageOf('p:\n  - {instance_id: a, url: "canary2"}')).not.toMatch(/canary/)
    expect(messageOf('credentials: {x: {username: u, private_key: 42424242}}')).not.toMatch(/4242/)
  })
})

test.each([
  ['ab'.repeat(32), 'ab'.repeat(32)],
  [Array(32).fill('AB').join(':'), 'ab'.repeat(32)],
  [`sha256/${Buffer.from('ab'.repeat(32), 'hex').toString('base64')}`, 'ab'.repeat(32)],
])('the fingerprint %s is read as hex', (given, fingerprint) => {
  expect(parse(one(`${LOGIN}\ntls: {fingerprint: "${given}"}`)).entries[0]?.tls).toEqual({ fingerprint })
})

describe('the files we ship', () => {
  const shipped = (name: string) => readFileSync(new URL(`../../config/${name}`, import.meta.url), 'utf8')

  test('scanners.yaml configures no scanner, so that the simulator is used', () => {
    expect(parse(shipped('scanners.yaml')).entries).toEqual([])
  })

  test('scanners.example.yaml is valid', () => {
    const { entries, credentials } = parse(shipped('scanners.example.yaml'))
    expect(entries.map(({ key }) => key)).toEqual(['lan/one', 'dmz/two'])
    expect(credentials.map(({ name }) => name)).toEqual(['linux-prod', 'windows-prod'])
  })
})
