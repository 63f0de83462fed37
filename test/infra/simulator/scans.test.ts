import { describe, expect, it } from 'vitest'
import { BASIC, startWorld } from './support.ts'

describe('creating and listing scans', () => {
  it('lists null, not an empty array, when there are none', async () => {
    const world = await startWorld()
    expect((await world.call('GET', '/scans')).json).toMatchObject({ scans: null, folders: expect.any(Array) })
  })

  it('answers with the folder as tag_id, numbers for flags, and a uuid that is only a template', async () => {
    const world = await startWorld()
    const body = { uuid: BASIC, settings: { name: 'x', description: 'mark', text_targets: '10.0.0.1', folder_id: '3' } }
    const { scan } = (await world.call('POST', '/scans', { body })).json
    expect(scan).toMatchObject({ name: 'x', description: 'mark', tag_id: 3, enabled: 1, custom_targets: '10.0.0.1' })
    expect(scan.uuid).toMatch(/^template-/)
    expect(scan).not.toHaveProperty('status')
    const [listed] = (await world.call('GET', '/scans')).json['scans']
    expect(listed).toMatchObject({ id: scan.id, status: 'empty', uuid: null, folder_id: 3, enabled: false })
  })

  it('has nothing but nulls to show before the first run', async () => {
    const world = await startWorld()
    const id = await world.create()
    const { json } = await world.call('GET', `/scans/${id}`)
    expect(json).toMatchObject({ hosts: null, history: null, vulnerabilities: null, info: { status: 'empty' } })
  })

  it.each([
    ['name', { text_targets: '10.0.0.1' }],
    ['name', { name: '', text_targets: '10.0.0.1' }],
    ['text_targets', { name: 'x' }],
    ['policy_id', { name: 'x', text_targets: '10.0.0.1', policy_id: '' }],
    ['policy_id', { name: 'x', text_targets: '10.0.0.1', policy_id: 12 }],
    ['folder_id', { name: 'x', text_targets: '10.0.0.1', folder_id: 77 }],
  ])('refuses a scan whose %s is not right, and creates nothing', async (field, settings) => {
    const world = await startWorld()
    const answer = await world.call('POST', '/scans', { body: { uuid: BASIC, settings } })
    expect([answer.status, answer.json]).toEqual([400, { error: `Invalid '${field}' field` }])
    expect(world.simulator.control.counts().totals.creates).toBe(0)
  })

  it('refuses an unknown template, one without a licence, and what is no JSON', async () => {
    const world = await startWorld()
    const settings = { name: 'x', text_targets: '10.0.0.1' }
    const templates = (await world.call('GET', '/editor/scan/templates')).json['templates']
    const unlicensed = templates.find((one: { license_fulfilled: boolean }) => !one.license_fulfilled).uuid
    for (const uuid of ['no-such', unlicensed]) {
      expect((await world.call('POST', '/scans', { body: { uuid, settings } })).status).toBe(400)
    }
    const answer = await fetch(`${world.simulator.url}/scans`, { method: 'POST', headers: world.keys, body: '{"uuid"' })
    expect(answer.status).toBe(400)
  })

  it('launches at once when asked, and takes other targets for one run', async () => {
    const world = await startWorld()
    expect(await world.status(await world.create({ launch_now: true }))).toBe('pending')
    const id = await world.create()
    await world.call('POST', `/scans/${id}/launch`, { body: { alt_targets: ['10.9.9.9', '10.9.9.8'] } })
    world.pass(200)
    const details = (await world.call('GET', `/scans/${id}`)).json
    expect(details['hosts'].map((host: { hostname: string }) => host.hostname)).toEqual(['10.9.9.9', '10.9.9.8'])
    expect(details['hosts'][0].progress).toBe('200-200/200-200')
  })

  it('changes, moves and filters scans', async () => {
    const world = await startWorld()
    const id = await world.create()
    await world.create({ name: 'another' })
    const body = { uuid: BASIC, settings: { name: 'renamed' } }
    const { scan } = (await world.call('PUT', `/scans/${id}`, { body })).json
    expect(scan).toMatchObject({ name: 'renamed', custom_targets: '10.0.0.1' })
    await world.call('PUT', `/scans/${id}/folder`, { body: { folder_id: 2 } })
    const trash = (await world.call('GET', '/scans?folder_id=2')).json['scans']
    expect(trash.map((one: { name: string }) => one.name)).toEqual(['renamed'])
  })

  it('deletes many at once, leaving those that run, and single runs', async () => {
    const world = await startWorld()
    const [idle, active] = [await world.create(), await world.create()]
    await world.call('POST', `/scans/${active}/launch`)
    const { json } = await world.call('DELETE', '/scans', { body: { ids: [idle, active, 999] } })
    expect(json).toEqual({ deleted: [idle] })
    world.pass(200)
    const [run] = (await world.call('GET', `/scans/${active}`)).json['history']
    expect((await world.call('DELETE', `/scans/${active}/history/${run.history_id}`)).status).toBe(200)
    expect(await world.status(active)).toBe('empty')
    expect((await world.call('GET', `/scans/${active}?history_id=${run.history_id}`)).status).toBe(404)
  })

  it('drops the hosts beyond the licence, or refuses the scan, as told', async () => {
    for (const [overLicence, status, hosts] of [
      ['drop', 200, 4],
      ['reject', 403, 0],
    ] as const) {
      const world = await startWorld({ licensedHosts: 4, quirks: { overLicence } })
      const id = await world.create({ text_targets: '10.0.0.0/24' })
      expect((await world.call('POST', `/scans/${id}/launch`)).status).toBe(status)
      world.pass(200)
      expect((await world.call('GET', `/scans/${id}`)).json['hosts']?.length ?? 0).toBe(hosts)
    }
  })

  it('takes a deletion or a stop by a person', async () => {
    const world = await startWorld()
    const [stopped, deleted] = [await world.create(), await world.create()]
    for (const id of [stopped, deleted]) await world.call('POST', `/scans/${id}/launch`)
    world.pass(20)
    expect(world.simulator.control.stopScan(stopped)).toBe(true)
    expect(world.simulator.control.deleteScan(deleted)).toBe(true)
    world.pass(50)
    expect(await world.status(stopped)).toBe('canceled')
    expect((await world.call('GET', `/scans/${deleted}`)).status).toBe(404)
    expect(world.simulator.control.stopScan(stopped)).toBe(false)
  })
})
