/** What the tokens file says counts, as long as it can be understood: one that says nothing lets nobody in. */
import { randomBytes } from 'node:crypto'
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { makeAuth } from '../../lib/gateway/auth/auth.ts'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { readTokens } from '../../lib/gateway/auth/token-file.ts'
import { openDoor } from './support/door.ts'

const token = (name: string, scope: 'scan:read' | 'scan:run' | 'admin', expires?: string) =>
  makeToken({ name, scopes: [scope], expires, randomBytes })
const reader = token('reader', 'scan:read')
const runner = token('runner', 'scan:run')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-tokens-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** At once, as who looks in between would find it empty. */
async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content)
  await rename(`${path}.new`, path)
}

describe('the tokens file', () => {
  test.each([
    ['no text', ''],
    ['white space', ' \n\n'],
    ['comments only', '# - name: reader\n#   sha256: 00\n'],
    ['an end of the header', '---\n'],
    ['an empty list', '[]'],
    ['an empty list under tokens', 'tokens: []\n'],
    ['nothing under tokens', 'tokens:\n'],
    ['an empty mapping', '{}'],
  ])('with %s is sound, and lets nobody in', async (_what, text) => {
    expect(readTokens(text, 'tokens.yaml')).toEqual([])
    const path = join(folder, 'empty.yaml')
    await writeFile(path, text)
    const auth = makeAuth({ file: path, now: Date.now, log: silentLog })
    expect(auth.required).toBe(true)
    expect(() => auth.identify(`Bearer ${reader.token}`)).toThrow('not known')
    expect(() => auth.identify(undefined)).toThrow('bearer token is needed')
    auth.close()
  })

  describe('while the gateway runs', () => {
    /** A gateway's view of a file with one token, and a promise of the next thing it says about it. */
    async function watched() {
      const path = join(await mkdtemp(join(folder, 'changing-')), 'tokens.yaml')
      await writeFile(path, reader.entry)
      let heard: (message: string) => void = () => {}
      const hear = (message: string) => heard(message)
      const auth = makeAuth({ file: path, now: Date.now, settleMs: 20, log: { ...silentLog, info: hear, error: hear } })
      const next = () => new Promise<string>((resolve) => (heard = resolve))
      const knows = (bearer: string) => {
        try {
          return auth.identify(`Bearer ${bearer}`).name
        } catch {
          return undefined
        }
      }
      return { path, auth, next, knows }
    }

    test('is read anew when it changes', async () => {
      const { path, auth, next, knows } = await watched()
      expect(knows(runner.token)).toBeUndefined()
      const change = next()
      await appendFile(path, runner.entry)
      await change
      expect(knows(runner.token)).toBe('runner')
      auth.close()
    })

    test.each([
      ['is emptied', (path: string) => writeFile(path, '')],
      ['is commented out', (path: string) => replaceFile(path, reader.entry.replaceAll(/^/gm, '# '))],
      ['is deleted', (path: string) => rm(path)],
      ['loses its folder', (path: string) => rm(join(path, '..'), { recursive: true })],
    ])('takes the last token away when it %s', async (_how, change) => {
      const { path, auth, next, knows } = await watched()
      expect(knows(reader.token)).toBe('reader')
      const said = next()
      await change(path)
      expect(await said).toContain('read anew')
      expect(knows(reader.token)).toBeUndefined()
      expect(auth).toMatchObject({ required: true, problem: undefined })
      auth.close()
    })

    test('lets them in again once it is back', async () => {
      const { path, auth, next, knows } = await watched()
      let said = next()
      await rm(path)
      await said
      said = next()
      await replaceFile(path, reader.entry)
      await said
      expect(knows(reader.token)).toBe('reader')
      auth.close()
    })

    test('keeps the last good one when it is broken, and says so without repeating what is in it', async () => {
      const { path, auth, next, knows } = await watched()
      let said = next()
      await replaceFile(path, '- name: hunter2\n')
      expect(await said).toContain('bad')
      expect(knows(reader.token)).toBe('reader')
      expect(auth.problem).toMatch(/AUTH_TOKENS_FILE.* bad since .*config check/)
      expect(auth.problem).not.toContain('hunter2')
      said = next()
      await replaceFile(path, runner.entry)
      await said
      expect(auth.problem).toBeUndefined()
      expect([knows(reader.token), knows(runner.token)]).toEqual([undefined, 'runner'])
      auth.close()
    })
  })

  test.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31 18:00', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31T18:00:00+02:00', '2027-01-31T16:00:00.000Z'],
  ])('that names %s as the end lets the token in until then, and not a moment longer', async (expires, end) => {
    const path = join(folder, 'ending.yaml')
    await writeFile(
      path,
      token('ending', 'admin', expires).entry.replace(/sha256: .*/, reader.entry.match(/sha256: .*/)![0]),
    )
    const clock = { ms: Date.parse(end) - 1 }
    const auth = makeAuth({ file: path, now: () => clock.ms, log: silentLog })
    expect(auth.identify(`Bearer ${reader.token}`).name).toBe('ending')
    for (const later of [0, 1, 86_400_000]) {
      clock.ms = Date.parse(end) + later
      expect(() => auth.identify(`Bearer ${reader.token}`)).toThrow(`expired at ${end}`)
    }
    auth.close()
  })

  test.each<string[]>([
    ['- name: a\n  sha256: abc\n  scopes: [admin]\n', '64 hex digits'],
    [`- name: a\n  sha256: ${'0'.repeat(64)}\n  scopes: [root]\n`, 'root'],
    [`- name: a\n  sha256: ${'0'.repeat(64)}\n  scopes: [admin]\n  expires: soon\n`, 'expected a date'],
    ...['2027', '31/01/2027', '2027-02-30', '2027-01-31T25:00Z', 'Jan 31 2027'].map((expires) => [
      `- name: a\n  sha256: ${'0'.repeat(64)}\n  scopes: [admin]\n  expires: ${expires}\n`,
      'expected a date',
    ]),
    [`${reader.entry}${reader.entry}`, 'reader twice'],
    [`${reader.entry}${reader.entry.replace('reader', 'again')}`, 'under two names'],
    ['{', 'cannot be read'],
  ])('that holds %j is refused, saying why', (text, why) => {
    expect(() => readTokens(text, 'tokens.yaml')).toThrow(why)
  })

  test('may be JSON too, and a hash of digits alone stays one', () => {
    const json = JSON.stringify({ tokens: [{ name: 'a', sha256: '1'.repeat(64), scopes: ['admin'] }] })
    expect(readTokens(json, 'tokens.json')).toHaveLength(1)
  })

  test('that is missing stops the start', () => {
    expect(() => makeAuth({ file: join(folder, 'none'), now: Date.now, log: silentLog })).toThrow('AUTH_TOKENS_FILE')
  })

  test('never holds the token itself', () => {
    expect(reader.entry).not.toContain(reader.token)
  })
})

describe('/health', () => {
  test('is degraded while the tokens file is bad, and the tokens before that go on', async () => {
    const own = join(folder, 'own.yaml')
    await writeFile(own, reader.entry)
    const gateway = await openDoor({ tokensFile: own })
    const health = async () => (await gateway.ask('/health')).json()
    expect(await health()).not.toHaveProperty('problems', [expect.stringContaining('AUTH_TOKENS_FILE')])
    await writeFile(own, 'tokens: hunter2')
    const problems = [expect.stringContaining('AUTH_TOKENS_FILE')]
    await expect.poll(health, { timeout: 10_000 }).toMatchObject({ overall_status: 'degraded', problems })
    expect(JSON.stringify(await health())).not.toContain('hunter2')
    const authorization = `Bearer ${reader.token}`
    expect((await gateway.ask('/tools/list_tasks', { method: 'POST', headers: { authorization } })).status).toBe(200)
    await gateway.close()
  })
})
