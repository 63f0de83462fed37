import { describe, expect, it } from 'vitest'
import { logIn, startWorld } from './support.ts'

const TOKEN = /getApiToken[\s\S]{0,120}?["']([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})["']/i

describe('sessions and keys', () => {
  it.each([
    ['JSON', (login: Record<string, string>) => login],
    ['a form', (login: Record<string, string>) => new URLSearchParams(login)],
  ])('logs in by %s and answers with a token of 48 digits', async (_, encode) => {
    const world = await startWorld()
    const { username, password } = world.simulator
    const { status, json } = await world.call('POST', '/session', { body: encode({ username, password }), headers: {} })
    expect(status).toBe(200)
    expect(json['token']).toMatch(/^[0-9a-f]{48}$/)
    const session = { 'x-cookie': `token=${json['token']}` }
    expect((await world.call('GET', '/session', { headers: session })).json).toMatchObject({
      username,
      permissions: 128,
    })
    expect((await world.call('DELETE', '/session', { headers: session })).text).toBe('')
    expect((await world.call('GET', '/session', { headers: session })).status).toBe(401)
  })

  it('says which it is: no login, or one that is not good', async () => {
    const world = await startWorld()
    const none = await world.call('GET', '/scans', { headers: {} })
    const wrong = await world.call('GET', '/scans', { headers: { 'x-cookie': 'token=0' } })
    const keys = await world.call('GET', '/scans', { headers: { 'x-apikeys': 'accessKey=a; secretKey=b' } })
    expect([none.status, none.json]).toEqual([401, { error: 'You need to log in to perform this request' }])
    expect([wrong.status, wrong.json]).toEqual([401, { error: 'Invalid Credentials' }])
    expect(keys.status).toBe(401)
  })

  it('takes API keys without the space after the semicolon', async () => {
    const world = await startWorld()
    const { accessKey, secretKey } = world.simulator
    const headers = { 'X-APIKeys': `accessKey=${accessKey};secretKey=${secretKey}` }
    expect((await world.call('GET', '/scans', { headers })).status).toBe(200)
  })

  it('ends the old keys when new ones are drawn (SS3)', async () => {
    const world = await startWorld()
    const { json } = await world.call('PUT', '/session/keys')
    expect((await world.call('GET', '/scans')).status).toBe(401)
    const headers = { 'x-apikeys': `accessKey=${json['accessKey']}; secretKey=${json['secretKey']}` }
    expect((await world.call('GET', '/scans', { headers })).status).toBe(200)
  })

  it('lets a session idle for so long and no longer (SS1)', async () => {
    const world = await startWorld({ idleTimeoutSeconds: 60 })
    const headers = await logIn(world)
    for (const [seconds, status] of [
      [50, 200],
      [50, 200],
      [61, 401],
    ] as const) {
      world.pass(seconds)
      expect((await world.call('GET', '/session', { headers })).status).toBe(status)
    }
  })

  it('ends a session that is closed, and no other (SS1)', async () => {
    const world = await startWorld()
    const [one, other] = [await logIn(world), await logIn(world)]
    await world.call('DELETE', '/session', { headers: one })
    const status = async (headers: typeof one) => (await world.call('GET', '/session', { headers })).status
    expect([await status(one), await status(other)]).toEqual([401, 200])
  })

  it('locks the account after five wrong passwords, until it is unlocked (SS2)', async () => {
    const world = await startWorld()
    const { username, password } = world.simulator
    const attempt = async (given: string): Promise<number> =>
      (await world.call('POST', '/session', { body: { username, password: given }, headers: {} })).status
    for (let count = 0; count < 4; count++) await attempt('no')
    expect(await attempt(password)).toBe(200)
    for (let count = 0; count < 5; count++) await attempt('no')
    expect(await attempt(password)).toBe(401)
    world.simulator.control.unlock()
    expect(await attempt(password)).toBe(200)
    expect(world.simulator.control.counts().totals).toMatchObject({ logins: 2, loginsRefused: 10 })
  })

  it('keeps the scanner list from those who are no administrators', async () => {
    const world = await startWorld({ permissions: 32 })
    expect((await world.call('GET', '/scanners')).status).toBe(403)
  })
})

describe('a licence without the scan API', () => {
  const quiet = { scanApi: false, quirks: { resetOn412: false } }
  const WRITES = [
    ['POST', '/scans'],
    ['PUT', '/scans/1'],
    ['DELETE', '/scans/1'],
    ['POST', '/scans/1/launch'],
    ['POST', '/scans/1/pause'],
    ['POST', '/scans/1/resume'],
    ['POST', '/scans/1/stop'],
  ] as const

  it.each(WRITES)('answers %s %s with 412 and 32 bytes, to keys and to a bare session', async (method, path) => {
    const world = await startWorld(quiet)
    for (const headers of [world.keys, await logIn(world)]) {
      const answer = await world.call(method, path, { headers })
      expect([answer.status, answer.text]).toEqual([412, '{"error":"API is not available"}'])
      expect(answer.headers.get('connection')).toBe('close')
      expect(answer.headers.get('content-length')).toBe('32')
    }
  })

  it('still shows everything that only reads', async () => {
    const world = await startWorld(quiet)
    for (const path of ['/scans', '/editor/scan/templates', '/policies', '/folders', '/server/properties']) {
      expect((await world.call('GET', path)).status).toBe(200)
    }
    expect((await world.call('GET', '/server/properties')).json['license'].features.scan_api).toBe(false)
  })

  it('drops the connection after the headers of a 412, as Nessus 10 does', async () => {
    const world = await startWorld({ scanApi: false })
    const response = await fetch(`${world.simulator.url}/scans`, { method: 'POST', headers: world.keys, body: '{}' })
    expect(response.status).toBe(412)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('takes a session with the token of the web interface, and not keys with it', async () => {
    const world = await startWorld(quiet)
    const session = await logIn(world)
    const script = await world.call('GET', '/nessus6.js?v=1', { headers: {} })
    const token = { 'x-api-token': TOKEN.exec(script.text)?.[1] ?? 'none' }
    const missing = '/scans/1/launch'
    expect((await world.call('POST', missing, { headers: { ...session, ...token } })).status).toBe(404)
    expect((await world.call('POST', missing, { headers: { ...world.keys, ...token } })).status).toBe(412)
    expect((await world.call('POST', missing, { headers: { ...token } })).status).toBe(401)
  })

  it('wants the new token after an upgrade', async () => {
    const world = await startWorld(quiet)
    const session = await logIn(world)
    const read = async (): Promise<string> =>
      TOKEN.exec((await world.call('GET', '/nessus6.js', { headers: {} })).text)?.[1] ?? ''
    const old = await read()
    const before = (await world.call('GET', '/server/properties')).json['server_version']
    world.simulator.control.upgrade()
    const fresh = await read()
    expect(fresh).not.toBe(old)
    expect((await world.call('GET', '/server/properties')).json['server_version']).not.toBe(before)
    const stale = { ...session, 'x-api-token': old }
    expect((await world.call('POST', '/scans/1/launch', { headers: stale })).status).toBe(412)
    const current = { ...session, 'x-api-token': fresh }
    expect((await world.call('POST', '/scans/1/launch', { headers: current })).status).toBe(404)
  })

  it('can be given the scan API while it runs', async () => {
    const world = await startWorld(quiet)
    world.simulator.control.setLicence({ scanApi: true })
    expect(await world.create()).toBeGreaterThan(0)
  })
})
