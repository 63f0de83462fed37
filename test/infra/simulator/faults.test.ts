import { describe, expect, it } from 'vitest'
import { startWorld } from './support.ts'

const BODY = {
  uuid: '731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65',
  settings: { name: 'x', text_targets: '10.0.0.1' },
}

describe('faults on demand', () => {
  it('answer with a status, as often as told and where told', async () => {
    const world = await startWorld()
    const { faults } = world.simulator.control
    faults.add({
      match: { method: 'GET', path: '^/scans$' },
      times: 2,
      action: 'status',
      status: 502,
      body: 'bad gateway',
    })
    const seen = []
    for (let count = 0; count < 3; count++) seen.push((await world.call('GET', '/scans')).status)
    expect(seen).toEqual([502, 502, 200])
    expect(world.simulator.control.counts().totals.faults).toBe(2)
    faults.add({ match: { scanId: 5 }, action: 'status' })
    expect((await world.call('GET', '/scans/5')).status).toBe(500)
    expect((await world.call('GET', '/scans/55')).status).toBe(404)
  })

  it('drop the connection before anything is done, or after', async () => {
    const world = await startWorld()
    const { control } = world.simulator
    control.faults.add({ match: { method: 'POST' }, times: 1, action: 'reset' })
    await expect(world.call('POST', '/scans', { body: BODY })).rejects.toThrow('fetch failed')
    expect(control.counts().totals.creates).toBe(0)
    control.faults.add({ match: { method: 'POST' }, times: 1, action: 'reset-after-commit' })
    await expect(world.call('POST', '/scans', { body: BODY })).rejects.toThrow('fetch failed')
    expect(control.counts().totals.creates).toBe(1)
    expect((await world.call('GET', '/scans')).json['scans']).toHaveLength(1)
  })

  it('answer as a proxy or a bad moment would, for a while from the first hit on', async () => {
    const world = await startWorld()
    world.simulator.control.faults.add({
      match: { path: '^/scans$' },
      action: 'answer',
      answer: 'bad gateway',
      forSeconds: 10,
    })
    world.pass(60)
    const first = await world.call('GET', '/scans')
    expect([first.status, first.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
    world.pass(9)
    expect((await world.call('GET', '/scans')).status).toBe(502)
    world.pass(2)
    expect((await world.call('GET', '/scans')).status).toBe(200)
  })

  it('cut a report in half, with the length of the whole announced', async () => {
    const world = await startWorld({ quirks: { singleUseDownloads: false } })
    const id = await world.create({ launch_now: true })
    world.pass(200)
    const { json } = await world.call('POST', `/scans/${id}/export`, { body: { format: 'nessus' } })
    world.pass(10)
    const path = `/tokens/${json['token']}/download`
    const whole = (await world.call('GET', path)).text.length
    world.simulator.control.faults.add({ match: { path: '/download$' }, times: 1, action: 'truncate' })
    const response = await fetch(world.simulator.url + path)
    expect(Number(response.headers.get('content-length'))).toBe(whole)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('answer with garbage, wait, and hang until the caller gives up', async () => {
    const world = await startWorld()
    const { faults } = world.simulator.control
    const garbage = faults.add({ action: 'garbage' })
    expect((await world.call('GET', '/scans')).text).toMatch(/^<<<</)
    expect(faults.remove(garbage)).toBe(true)
    faults.add({ times: 1, action: 'delay', delayMs: 5 })
    expect((await world.call('GET', '/scans')).status).toBe(200)
    faults.add({ action: 'hang' })
    const given = { signal: AbortSignal.timeout(50) }
    await expect(fetch(`${world.simulator.url}/scans`, given)).rejects.toThrow('aborted due to timeout')
    faults.clear()
    expect((await world.call('GET', '/scans')).status).toBe(200)
  })

  it('do not keep the simulator from closing', async () => {
    const world = await startWorld()
    world.simulator.control.faults.add({ action: 'hang' })
    const hanging = world.call('GET', '/scans').catch((error: unknown) => String(error))
    await expect.poll(() => world.simulator.control.counts().totals.faults).toBe(1)
    await world.simulator.close()
    expect(await hanging).toContain('fetch failed')
  })

  it('hit by chance, the same for the same seed', async () => {
    const hits = async (): Promise<boolean[]> => {
      const world = await startWorld({ seed: 3 })
      world.simulator.control.faults.add({ action: 'status', probability: 0.5 })
      const seen = []
      for (let count = 0; count < 20; count++) seen.push((await world.call('GET', '/scans')).status === 500)
      return seen
    }
    const first = await hits()
    expect(new Set(first).size).toBe(2)
    expect(await hits()).toEqual(first)
  })

  it('must be well-formed', async () => {
    const { simulator } = await startWorld()
    expect(() => simulator.control.faults.add({ action: 'reset', match: { path: '(' } })).toThrow('regular expression')
  })
})

describe('the control over HTTP', () => {
  it('sets faults, which never hit the control itself, and clears them', async () => {
    const world = await startWorld()
    const body = { action: 'status', status: 500 }
    const { json } = await world.call('POST', '/simulator/faults', { body, headers: {} })
    expect((await world.call('GET', '/server/status')).status).toBe(500)
    expect((await world.call('GET', '/simulator/faults')).json['faults']).toMatchObject([{ id: json['id'], hits: 1 }])
    await world.call('DELETE', `/simulator/faults/${json['id']}`)
    expect((await world.call('GET', '/server/status')).status).toBe(200)
    const wrong = await world.call('POST', '/simulator/faults', { body: { action: 'explode' } })
    expect(wrong.status).toBe(400)
    expect(wrong.json['error']).toMatch(/^fault: action: /)
  })

  it('does what the control does', async () => {
    const world = await startWorld()
    const id = await world.create({ launch_now: true })
    const post = async (path: string, body: object = {}): Promise<number> =>
      (await world.call('POST', `/simulator/${path}`, { body, headers: {} })).status
    expect(await post(`scans/${id}/stop`)).toBe(200)
    expect(await post(`scans/${id}/abort`)).toBe(200)
    expect(await post(`scans/${id}/stop`)).toBe(409)
    for (const path of ['expire-sessions', 'unlock', 'upgrade']) expect(await post(path)).toBe(200)
    expect(await post('licence', { scanApi: false })).toBe(200)
    expect(await post('licence', { scanApi: 'no' })).toBe(400)
    expect(await post('plugins-compiling', { compiling: true })).toBe(200)
    expect(await post('report', { scan: id, report: 'windows' })).toBe(200)
    expect(await post('fail-exports', { times: 1 })).toBe(200)
    expect((await world.call('DELETE', `/simulator/scans/${id}`)).status).toBe(200)
    expect((await world.call('GET', '/simulator/reports')).json['reports']).toContain('network')
    expect(await post('restart', { loadingSeconds: 1 })).toBe(200)
  })
})

describe('the counts', () => {
  it('count by description and outlive deletion', async () => {
    const world = await startWorld()
    const id = await world.create({ name: 'mine', description: 'task-1' })
    await world.call('POST', `/scans/${id}/launch`)
    await world.call('POST', `/scans/${id}/launch`)
    world.pass(20)
    await world.call('POST', `/scans/${id}/stop`)
    world.pass(20)
    await world.call('DELETE', `/scans/${id}`)
    await world.create({ name: 'mine', description: 'task-1' })
    await world.create({ name: 'without a description' })
    const counts = (await world.call('GET', '/simulator/counts')).json
    expect(counts['scans']).toMatchObject([
      { key: 'task-1', name: 'mine', creates: 2, launches: 1, stops: 1, deletes: 1, status: 'empty' },
      { key: 'without a description', creates: 1, launches: 0 },
    ])
    expect(counts['totals']).toMatchObject({ creates: 3, runningMax: 1, runningNow: 0 })
    expect(counts['requests']).toMatchObject({ 'POST /scans': 3, 'POST /scans/:id/launch': 2, 'DELETE /scans/:id': 1 })
  })
})
