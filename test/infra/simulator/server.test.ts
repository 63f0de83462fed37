import { describe, expect, it } from 'vitest'
import type { Profile } from '../../../infra/simulator/options.ts'
import { startSimulator } from '../../../infra/simulator/simulator.ts'
import { BASIC, logIn, startWorld } from './support.ts'

describe('server state', () => {
  it.each([
    [6, { status: 'ready', progress: null }, 'number', undefined],
    [7, { status: 'ready', progress: null }, 'string', true],
    [8, { code: 200, status: 'ready', initLevel: 4, pluginSet: true }, 'string', true],
    [10, { code: 200, status: 'ready', detailed_status: { login_status: 'allow' } }, 'string', true],
  ] as const)('has the shapes of Nessus %i', async (profile: Profile, status, idleType, scanApi) => {
    const world = await startWorld({ profile })
    const answer = await world.call('GET', '/server/status', { headers: {} })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject(status)
    expect(answer.headers.get('server')).toBe('NessusWWW')
    const properties = (await world.call('GET', '/server/properties')).json
    expect(properties['server_version']).toMatch(new RegExp(`^${profile}\\.`))
    expect(typeof properties['idle_timeout']).toBe(idleType)
    expect(properties['license'].features.scan_api).toBe(scanApi)
  })

  it('shows less of itself to strangers', async () => {
    const world = await startWorld()
    const stranger = (await world.call('GET', '/server/properties', { headers: {} })).json
    expect(stranger['nessus_type']).toBe('Nessus Manager')
    expect(stranger['expiration']).toBeUndefined()
  })

  it('answers 503 while it loads after a restart, and has forgotten its sessions (SS1)', async () => {
    const world = await startWorld()
    const session = await logIn(world)
    const idle = await world.create()
    const active = await world.create()
    await world.call('POST', `/scans/${active}/launch`)
    world.pass(20)
    world.simulator.control.restart({ loadingSeconds: 30 })
    // The connections of before are dropped: the first request may find that out.
    await world.call('GET', '/server/status').catch(() => undefined)
    const loading = await world.call('GET', '/server/status')
    expect([loading.status, loading.json]).toMatchObject([503, { code: 503, status: 'loading' }])
    expect((await world.call('GET', '/scans')).status).toBe(503)
    world.pass(31)
    expect((await world.call('GET', '/server/status')).status).toBe(200)
    expect((await world.call('GET', '/session', { headers: session })).status).toBe(401)
    expect([await world.status(idle), await world.status(active)]).toEqual(['empty', 'aborted'])
  })

  it('keeps scans going over a restart when told so', async () => {
    const world = await startWorld()
    const id = await world.create({ launch_now: true })
    world.simulator.control.restart({ runningScans: 'keep' })
    await world.call('GET', '/server/status').catch(() => undefined)
    world.pass(200)
    expect(await world.status(id)).toBe('completed')
  })

  it('lets people log in while plugins are compiled, and creates no scans', async () => {
    const world = await startWorld()
    world.simulator.control.pluginsCompiling(true)
    const status = (await world.call('GET', '/server/status')).json
    expect(status).toMatchObject({ status: 'loading', detailed_status: { login_status: 'allow' } })
    const body = { uuid: BASIC, settings: { name: 'x', text_targets: '10.0.0.1' } }
    expect((await world.call('POST', '/scans', { body })).status).toBe(500)
  })

  it('answers what it does not know with 404, and a wrong method with 405', async () => {
    const world = await startWorld()
    const unknown = await world.call('GET', '/feed')
    expect([unknown.status, unknown.json]).toEqual([404, { error: 'The requested file was not found' }])
    const method = await world.call('POST', '/server/status')
    expect([method.status, method.json]).toEqual([405, { error: 'The requested method is not allowed for this URL' }])
    expect((await world.call('GET', '/scans/99')).status).toBe(404)
  })

  it('lists templates by name with ids that are no UUIDs, and the ids of credential fields', async () => {
    const world = await startWorld()
    const templates = (await world.call('GET', '/editor/scan/templates')).json['templates']
    const basic = templates.find((one: { name: string }) => one.name === 'basic')
    expect(basic).toMatchObject({ uuid: BASIC, desc: expect.any(String), license_fulfilled: true })
    for (const one of templates) expect(one.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{28}$/)
    const { credentials } = (await world.call('GET', `/editor/scan/templates/${BASIC}`)).json
    const text = JSON.stringify(credentials)
    for (const id of ['auth_method', 'escalation_password', 'bin_directory', "Cisco 'enable'", 'su+sudo', 'domain']) {
      expect(text).toContain(id)
    }
  })

  it('has folders told apart by type, an empty list of policies, and renames a second file of the same name', async () => {
    const world = await startWorld()
    const folders = (await world.call('GET', '/folders')).json['folders']
    expect(folders.map((one: { type: string }) => one.type)).toEqual(['trash', 'main'])
    expect((await world.call('GET', '/policies')).json).toEqual({ policies: null })
    const names = []
    for (let count = 0; count < 2; count++) {
      const body = new FormData()
      body.append('Filedata', new File(['x'], 'key.pem'))
      names.push((await world.call('POST', '/file/upload', { body })).json['fileuploaded'])
    }
    expect(names).toEqual(['key.pem', 'key-1.pem'])
  })

  it('says that the port is in use, and what to do', async () => {
    const { simulator } = await startWorld()
    await expect(startSimulator({ port: simulator.port })).rejects.toThrow('the port is in use; choose another')
  })

  it('refuses options that make no sense, by name', async () => {
    await expect(startSimulator({ speed: 0, maxScans: -1 })).rejects.toThrow(/simulator options: speed: .*maxScans: /)
    await expect(startSimulator({ reportsDirs: ['/nowhere/at/all'] })).rejects.toThrow('cannot be read')
  })
})
