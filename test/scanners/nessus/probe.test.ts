import { describe, expect, test } from 'vitest'
import { errorOf, SESSION, startClient, WEB_SESSION } from '../support/client.ts'
import { LOGIN } from '../support/entry.ts'
import type { Script } from '../support/scripted-scanner.ts'

const READY = {
  code: 200,
  detailed_status: {
    login_status: 'allow',
    feed_status: { progress: 100, status: 'ready' },
    db_status: { progress: null, status: 'ready' },
    engine_status: { progress: 100, status: 'ready' },
  },
  pluginSet: true,
  pluginData: true,
  progress: null,
  status: 'ready',
}
const properties = (scan_api?: boolean) => ({
  json: {
    nessus_type: 'Nessus Professional',
    server_version: '10.8.3',
    idle_timeout: '30',
    license: { type: 'professional', ips: 32767, features: { api: true, scan_api } },
  },
})
const GOOD: Script = {
  'GET /server/status': { json: READY },
  'GET /server/properties': properties(false),
  'GET /folders': { json: { folders: [] } },
}

describe('probe', () => {
  test('tells product, version and licence of a scanner that is ready', async () => {
    const { client } = await startClient(GOOD)
    expect(await client.probe()).toEqual({
      reachable: true,
      ready: true,
      product: 'Nessus Professional',
      version: '10.8.3',
      licensedHosts: 32767,
      launch: 'not_allowed',
    })
  })

  test.each([
    [true, {}, 'allowed'],
    [false, {}, 'not_allowed'],
    [undefined, {}, 'unknown'],
    [false, WEB_SESSION, 'web_session'],
    [true, WEB_SESSION, 'allowed'],
  ])('with scan_api %s and %j says of launching: %s', async (scanApi, entry, launch) => {
    const script = { ...GOOD, ...SESSION, 'GET /server/properties': properties(scanApi) }
    const { client } = await startClient(script, 'username' in entry ? { entry } : {})
    expect((await client.probe()).launch).toBe(launch)
  })

  test.each([
    [128, 'system administrator'],
    [64, 'administrator'],
    [32, 'standard'],
    [40, 'standard'],
    [16, 'basic'],
    [0, 'basic'],
    ['thirty-two', undefined],
  ])('of an account with the permissions %s says its role: %s', async (permissions, role) => {
    const { client } = await startClient({ ...GOOD, 'GET /session': { json: { id: 2, permissions } } })
    const health = await client.probe()
    expect(health.role).toBe(role)
    expect(health.ready).toBe(true)
    const isToldOf = /role Basic.*Standard or higher.*adopt_scan/.test(health.problem ?? '')
    expect(isToldOf || health.problem === undefined).toBe(true)
    expect(isToldOf).toBe(role === 'basic')
  })

  test('tells how many hosts of the licence are used up, where the scanner does', async () => {
    const { json } = properties(true)
    const of = async (used_ip_count: unknown) => {
      const { client } = await startClient({ ...GOOD, 'GET /server/properties': { json: { ...json, used_ip_count } } })
      return (await client.probe()).usedHosts
    }
    expect([await of(12), await of('7'), await of(0), await of(null)]).toEqual([12, 7, 0, undefined])
  })

  test.each([
    [{ status: 503, json: { status: 'loading', progress: 50 } }, /still loading 50 %; wait/],
    [{ json: { status: 'loading', progress: 50 } }, /still loading 50 %/],
    [{ json: { status: 'register' } }, /not activated yet/],
    [{ json: { ...READY, status: 'download-failed' } }, /could not download its plugins, as when its licence/],
    [
      { json: { ...READY, detailed_status: { feed_status: { status: 'downloading-failed' } } } },
      /could not download its plugins/,
    ],
    [{ json: { ...READY, pluginData: false } }, /it has no plugins yet/],
    [{ json: { ...READY, detailed_status: { engine_status: { status: 'compiling' } } } }, /scan engine is compiling/],
    [{ status: 503, json: READY }, /it says ready \(HTTP 503\)/],
  ])('of a scanner that answers %j says why it is not ready', async (status, problem) => {
    const { client } = await startClient({ ...GOOD, 'GET /server/status': status })
    const health = await client.probe()
    expect(health).toMatchObject({ reachable: true, ready: false, version: '10.8.3' })
    expect(health.problem).toMatch(problem)
    expect(health.problem).toMatch(/^scanner lan\/one: /)
  })

  test('accepts the short answer of Nessus 6', async () => {
    const { client } = await startClient({
      ...GOOD,
      'GET /server/status': { json: { status: 'ready', progress: null } },
    })
    expect(await client.probe()).toMatchObject({ ready: true })
  })

  test('tells a wrong password, once, and what the scanner says of itself to anyone', async () => {
    const script = { ...GOOD, 'POST /session': { status: 401 } }
    const { client, scanner } = await startClient(script, { entry: LOGIN })
    for (let time = 0; time < 5; time += 1) {
      const health = await client.probe()
      expect(health).toMatchObject({ reachable: true, ready: false, version: '10.8.3' })
      expect(health.problem).toMatch(/login of user u was rejected/)
    }
    expect(scanner.count('POST /session')).toBe(1)
  })

  test('does not throw when nothing is there, nor when something else is', async () => {
    const other = await startClient({ 'GET /server/status': { text: '<html>' } })
    expect(await other.client.probe()).toMatchObject({
      reachable: false,
      problem: expect.stringMatching(/may not be Nessus/),
    })
    await other.scanner.close()
    expect(await other.client.probe()).toMatchObject({
      reachable: false,
      ready: false,
      launch: 'unknown',
      problem: expect.stringMatching(/refused/),
    })
    expect(await errorOf(other.client.scans())).toBeInstanceOf(Error)
  })
})
