import { describe, expect, it } from 'vitest'
import type { World } from './support.ts'
import { fetchReport, startWorld } from './support.ts'

async function completed(world: World): Promise<number> {
  const id = await world.create()
  await world.call('POST', `/scans/${id}/launch`)
  world.pass(200)
  return id
}

describe('exports', () => {
  it.each([
    ['JSON', { format: 'nessus' }],
    ['a form', new URLSearchParams({ format: 'nessus' })],
  ])('are asked for by %s, load for a while, and can be fetched by token without a login', async (_, body) => {
    const world = await startWorld()
    const id = await completed(world)
    const { json } = await world.call('POST', `/scans/${id}/export`, { body })
    expect(json).toEqual({ token: expect.stringMatching(/^[0-9a-f]{64}$/), file: expect.any(Number) })
    const token = `/tokens/${json['token']}`
    const file = `/scans/${id}/export/${json['file']}`
    expect((await world.call('GET', `${file}/status`)).json).toEqual({ status: 'loading' })
    const early = await world.call('GET', `${token}/download`, { headers: {} })
    expect([early.status, early.text]).toEqual([409, 'The report is not ready'])
    world.pass(10)
    expect((await world.call('GET', `${token}/status`, { headers: {} })).json).toEqual({ status: 'ready' })
    const download = await world.call('GET', `${token}/download`, { headers: {} })
    expect(download.headers.get('content-disposition')).toMatch(/filename="a_scan_.*\.nessus"/)
    expect(download.text).toContain('<ReportHost name="10.0.0.1">')
    expect((await world.call('GET', `${file}/download`)).status).toBe(404)
  })

  it('can be fetched again when told so', async () => {
    const world = await startWorld({ quirks: { singleUseDownloads: false } })
    const id = await completed(world)
    const { json } = await world.call('POST', `/scans/${id}/export`, { body: { format: 'nessus' } })
    world.pass(10)
    for (const path of [`/tokens/${json['token']}`, `/scans/${id}/export/${json['file']}`]) {
      expect((await world.call('GET', `${path}/download`)).status).toBe(200)
    }
    expect((await world.call('GET', `/scans/${id}/export/${json['file']}/status`, { headers: {} })).status).toBe(401)
  })

  it('answer with a file alone on Nessus 6', async () => {
    const world = await startWorld({ profile: 6 })
    const { json } = await world.call('POST', `/scans/${await completed(world)}/export`, { body: { format: 'nessus' } })
    expect(Object.keys(json)).toEqual(['file'])
  })

  it('are refused while the scan runs, and before it ever ran', async () => {
    const world = await startWorld()
    const id = await world.create()
    const ask = (): ReturnType<World['call']> =>
      world.call('POST', `/scans/${id}/export`, { body: { format: 'nessus' } })
    expect((await ask()).status).toBe(404)
    await world.call('POST', `/scans/${id}/launch`)
    const refused = await ask()
    expect([refused.status, refused.json]).toEqual([409, { error: 'Can not export running scans' }])
  })

  it('fail on demand, and for want of Java: 500, then 404', async () => {
    const world = await startWorld()
    const id = await completed(world)
    world.simulator.control.failExports(1)
    for (const format of ['nessus', 'pdf']) {
      const { json } = await world.call('POST', `/scans/${id}/export`, { body: { format } })
      world.pass(10)
      const status = await world.call('GET', `/tokens/${json['token']}/status`)
      expect([status.status, status.json]).toEqual([500, { status: 'error' }])
      expect((await world.call('GET', `/tokens/${json['token']}/download`)).status).toBe(404)
    }
    expect(await fetchReport(world, id)).toContain('</NessusClientData_v2>')
    expect((await world.call('POST', `/scans/${id}/export`, { body: { format: 'odt' } })).status).toBe(400)
  })

  it('come as a table too', async () => {
    const world = await startWorld()
    const { json } = await world.call('POST', `/scans/${await completed(world)}/export`, { body: { format: 'csv' } })
    world.pass(10)
    expect((await world.call('GET', `/tokens/${json['token']}/download`)).text).toContain('"19506","10.0.0.1"')
  })
})
