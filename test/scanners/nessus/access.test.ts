import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { CLIENT_LIMITS } from '../../../lib/scanners/nessus/limits.ts'
import { errorOf, SESSION, startClient, WEB_SESSION } from '../support/client.ts'
import { LOGIN } from '../support/entry.ts'
import type { Script } from '../support/scripted-scanner.ts'
import { owned } from '../support/owned.ts'

const SCANS = { json: { scans: [], folders: [] } }

/** A scanner whose logins give `token1`, `token2`, …, of which only the newest is good. */
function sessions(): Script & { expire(): void } {
  let issued = 0
  let good = ''
  const script: Script = {
    'POST /session': () => {
      issued += 1
      good = `token=t${issued}`
      return { json: { token: `t${issued}` } }
    },
    'DELETE /session': {},
    'GET /scans': ({ headers }) =>
      headers['x-cookie'] === good ? SCANS : { status: 401, json: { error: 'Invalid Credentials' } },
  }
  return Object.assign(script, { expire: () => void (good = 'none') }) as Script & { expire(): void }
}

describe('API keys', () => {
  test('go with each request, and no session is opened', async () => {
    const { client, scanner } = await startClient({ 'GET /scans': SCANS })
    await client.scans()
    await client.close()
    expect(scanner.seen.map(({ headers }) => headers['x-apikeys'])).toEqual([
      'accessKey=canary-access; secretKey=canary-secret',
    ])
  })

  test('that are refused are waited for, and the error has none of them in it', async () => {
    const { client, scanner } = await startClient({ 'GET /scans': { status: 401 } })
    const error = await errorOf(client.scans())
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/API keys are refused/)
    expect(error.message).not.toMatch(/canary/)
    expect(scanner.seen).toHaveLength(1)
  })
})

describe('a session', () => {
  test('is not shown when the scanner repeats its token, in whatever coat', async () => {
    for (const coat of [
      'token=canary-token',
      '\\"canary\\u002dtoken\\"',
      'canary%2Dtoken',
      'canary&#45;token',
      btoa('canary-token'),
    ]) {
      const { client } = await startClient(
        { ...SESSION, 'GET /scans': { status: 400, json: { error: `bad cookie (${coat}) sent` } } },
        { entry: LOGIN },
      )
      const { message } = await errorOf(client.scans())
      expect(message).toMatch(/bad cookie \(.*\*\*\*.*\) sent/)
      expect(message).not.toContain(coat)
    }
  })

  test('is opened by one login for many requests, kept, and ended at the close', async () => {
    const { client, scanner } = await startClient(sessions(), { entry: LOGIN })
    await Promise.all([client.scans(), client.scans(), client.scans()])
    await client.scans()
    expect(JSON.parse(scanner.seen[0]?.body ?? '')).toEqual(LOGIN)
    await client.close()
    expect(scanner.count('POST /session')).toBe(1)
    expect(scanner.count('DELETE /session')).toBe(1)
  })

  test('that expired is renewed by one login, however many requests notice', async () => {
    const script = sessions()
    const { client, scanner } = await startClient(script, { entry: LOGIN })
    await client.scans()
    script.expire()
    await Promise.all(Array.from({ length: 10 }, () => client.scans()))
    expect(scanner.count('POST /session')).toBe(2)
  })

  test('that is refused when fresh is not renewed for ever', async () => {
    const { client, scanner } = await startClient({ ...SESSION, 'GET /scans': { status: 401 } }, { entry: LOGIN })
    const error = await errorOf(client.scans())
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(scanner.count('POST /session')).toBe(2)
  })
})

describe('a rejected login', () => {
  const { loginCoolDownMs } = CLIENT_LIMITS
  const rejecting: Script = { 'POST /session': { status: 401, json: { error: 'Invalid Credentials' } } }

  test('is waited for, says whose it is, and is not tried again within the cool-down', async () => {
    const { client, scanner, clock } = await startClient({ ...rejecting }, { entry: LOGIN })
    const first = await errorOf(client.scans())
    expect(first).toBeInstanceOf(ScannerAwayError)
    expect(first.message).toMatch(/lan\/one: the login of user u was rejected; correct username and password/)
    expect(first.message).not.toContain('canary')
    clock.ms += loginCoolDownMs - 1
    expect((await errorOf(client.state(1))).message).toMatch(
      /not tried again for 1 minutes unless the entry changes, so that the account is not locked/,
    )
    expect(scanner.count('POST /session')).toBe(1)
  })

  test('is one login for all who ask at the time', async () => {
    const { client, scanner } = await startClient({ ...rejecting }, { entry: LOGIN })
    await Promise.all(Array.from({ length: 6 }, () => errorOf(client.scans())))
    expect(scanner.count('POST /session')).toBe(1)
  })

  test('is tried three times, ever farther apart, and then once a day', async () => {
    const { client, scanner, clock } = await startClient({ ...rejecting }, { entry: LOGIN })
    await errorOf(client.scans())
    clock.ms += loginCoolDownMs
    await errorOf(client.scans())
    clock.ms += loginCoolDownMs
    await errorOf(client.scans())
    expect(scanner.count('POST /session')).toBe(2)
    clock.ms += 3 * loginCoolDownMs
    await errorOf(client.scans())
    clock.ms += 86_400_000 - 1
    expect((await errorOf(client.scans())).message).toMatch(/not tried again for 1 minutes/)
    expect(scanner.count('POST /session')).toBe(3)
    clock.ms += 1
    await errorOf(client.scans())
    await errorOf(client.scans())
    expect(scanner.count('POST /session')).toBe(4)
  })

  test('is forgotten once a login succeeds', async () => {
    const { client, scanner, clock } = await startClient({ ...rejecting, 'GET /scans': SCANS }, { entry: LOGIN })
    await errorOf(client.scans())
    clock.ms += loginCoolDownMs
    Object.assign(scanner.script, SESSION)
    expect(await client.scans()).toEqual([])
    Object.assign(scanner.script, rejecting, { 'GET /scans': { status: 401 } })
    await errorOf(client.scans())
    Object.assign(scanner.script, SESSION, { 'GET /scans': SCANS })
    clock.ms += loginCoolDownMs
    expect(await client.scans()).toEqual([])
  })

  test('is told apart from a scanner that is still loading', async () => {
    const { client, scanner } = await startClient({ 'POST /session': { status: 503 } }, { entry: LOGIN })
    expect(await errorOf(client.scans())).toBeInstanceOf(ScannerAwayError)
    expect(await errorOf(client.scans())).toBeInstanceOf(ScannerAwayError)
    expect(scanner.count('POST /session')).toBe(2)
  })
})

describe('without a scan API', () => {
  const NO_SCAN_API = { 'GET /server/properties': { json: { license: { features: { scan_api: false } } } } }
  const js = (token: string) => ({ text: `x={key:"getApiToken",value:function(){return"${token}"}},y` })
  const TOKEN = 'AAAAAAAA-1111-2222-3333-444444444444'
  const NEXT = 'bbbbbbbb-1111-2222-3333-444444444444'

  test.each([
    ['is answered with 412', { status: 412, json: { error: 'API is not available' } }],
    ['is answered with 412 and a dropped connection', { status: 412, text: 'x'.repeat(32), drop: 'after headers' }],
    ['meets a dropped connection', { drop: 'before' }],
  ] as const)('a launch that %s is permanent and says what to do', async (_, reply) => {
    const { client, scanner } = await startClient({ ...NO_SCAN_API, 'POST /scans/5/launch': reply })
    const error = await errorOf(client.launch(await owned(5)))
    expect(error).toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(/licence does not allow launching scans by API.*docs\/scanners\.md/)
    expect(scanner.count('POST /scans/5/launch')).toBe(1)
  })

  test.each([
    ['allows it', { json: { license: { features: { scan_api: true } } } }],
    ['does not say', { json: {} }],
    ['cannot be asked', { status: 500 }],
  ])('a dropped connection is temporary when the licence %s, and the write is not repeated', async (_, properties) => {
    const script = { 'GET /server/properties': properties, 'POST /scans/5/launch': { drop: 'before' } } as const
    const { client, scanner } = await startClient(script)
    const error = await errorOf(client.launch(await owned(5)))
    expect(error).not.toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(/whether it did launch scan 5 is not known, so look before asking again/)
    expect(scanner.count('POST /scans/5/launch')).toBe(1)
  })

  test("the web interface's token goes with writes only, fetched once", async () => {
    const script = { ...SESSION, 'GET /nessus6.js': js(TOKEN), 'POST /scans/5/stop': {}, 'GET /scans': SCANS }
    const { client, scanner } = await startClient(script, { entry: WEB_SESSION })
    await Promise.all([client.stop(await owned(5)), client.stop(await owned(5)), client.scans()])
    expect(scanner.count('GET /nessus6.js')).toBe(1)
    for (const { method, path, headers } of scanner.seen) {
      expect(headers['x-api-token']).toBe(method === 'POST' && path.endsWith('/stop') ? TOKEN : undefined)
      expect(headers['x-cookie']).toBe(path.startsWith('/scans') ? 'token=canary-token' : undefined)
    }
  })

  test('a stale token is fetched again once, and the refused write repeated', async () => {
    let valid = TOKEN
    const script: Script = {
      ...SESSION,
      'GET /nessus6.js': () => js(valid),
      'POST /scans/5/launch': ({ headers }) =>
        headers['x-api-token'] === valid ? { json: { scan_uuid: 'run' } } : { status: 412, drop: 'after headers' },
    }
    const { client, scanner } = await startClient(script, { entry: WEB_SESSION })
    expect(await client.launch(await owned(5))).toBe('run')
    valid = NEXT
    expect(await client.launch(await owned(5))).toBe('run')
    expect(scanner.count('GET /nessus6.js')).toBe(2)
    expect(scanner.count('POST /scans/5/launch')).toBe(3)
  })

  test('a fresh token that is refused too is waited for', async () => {
    const script = { ...SESSION, 'GET /nessus6.js': js(TOKEN), 'POST /scans/5/launch': { status: 412 } }
    const { client, scanner } = await startClient(script, { entry: WEB_SESSION })
    const error = await errorOf(client.launch(await owned(5)))
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/token is refused \(412\)/)
    expect(scanner.count('POST /scans/5/launch')).toBe(2)
  })

  test('a dropped connection is temporary, not repeated, and makes the next attempt fetch the token', async () => {
    const script: Script = { ...SESSION, 'GET /nessus6.js': js(TOKEN), 'POST /scans/5/launch': { drop: 'before' } }
    const { client, scanner } = await startClient(script, { entry: WEB_SESSION })
    expect(await errorOf(client.launch(await owned(5)))).not.toBeInstanceOf(PermanentError)
    expect(scanner.count('POST /scans/5/launch')).toBe(1)
    scanner.script['POST /scans/5/launch'] = { json: { scan_uuid: 'run' } }
    expect(await client.launch(await owned(5))).toBe('run')
    expect(scanner.count('GET /nessus6.js')).toBe(2)
  })

  test('a page without a token is waited for: it may be a proxy’s', async () => {
    const { client } = await startClient({ ...SESSION, 'GET /nessus6.js': { text: 'x' } }, { entry: WEB_SESSION })
    const error = await errorOf(client.launch(await owned(5)))
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/token was not found in \/nessus6\.js/)
  })

  test.each([
    `{key:"getApiToken",value:function(){return"${TOKEN}"}}`,
    `getApiToken(){return '${TOKEN}'}`,
    `"getApiToken",value:function(){\n  var e = this;\n  return "${TOKEN}";`,
  ])('the token is found in %j', async (text) => {
    const script = { ...SESSION, 'GET /nessus6.js': { text: `var a="${NEXT}";${text}` }, 'POST /scans/5/stop': {} }
    const { client, scanner } = await startClient(script, { entry: WEB_SESSION })
    await client.stop(await owned(5))
    expect(scanner.seen.find(({ path }) => path === '/scans/5/stop')?.headers['x-api-token']).toBe(TOKEN)
  })
})
