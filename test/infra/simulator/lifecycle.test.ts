import { describe, expect, it } from 'vitest'
import { startWorld } from './support.ts'

const sum = (hosts: readonly Record<string, number>[], field: string): number =>
  hosts.reduce((total, host) => total + (host[field] ?? 0), 0)

describe('the life of a scan', () => {
  it('goes from empty through pending and running to completed', async () => {
    const world = await startWorld()
    const id = await world.create()
    const seen = [await world.status(id)]
    const { json } = await world.call('POST', `/scans/${id}/launch`)
    for (const seconds of [0, 10, 110]) {
      world.pass(seconds)
      seen.push(await world.status(id))
    }
    expect(seen).toEqual(['empty', 'pending', 'running', 'completed'])
    const details = (await world.call('GET', `/scans/${id}`)).json
    expect(details['history']).toMatchObject([{ uuid: json['scan_uuid'], status: 'completed' }])
    expect(details['info'].scan_end - details['info'].scan_start).toBeGreaterThan(80)
  })

  it('ends as canceled, by way of stopping, when it is stopped (LC3)', async () => {
    const world = await startWorld()
    const id = await world.create()
    await world.call('POST', `/scans/${id}/launch`)
    world.pass(20)
    expect((await world.call('POST', `/scans/${id}/stop`)).status).toBe(200)
    expect(await world.status(id)).toBe('stopping')
    world.pass(200)
    expect(await world.status(id)).toBe('canceled')
    expect((await world.call('POST', `/scans/${id}/stop`)).status).toBe(409)
  })

  it('stands still while it is paused (LC2)', async () => {
    const world = await startWorld()
    const id = await world.create()
    await world.call('POST', `/scans/${id}/launch`)
    world.pass(50)
    await world.call('POST', `/scans/${id}/pause`)
    world.pass(1000)
    expect(await world.status(id)).toBe('paused')
    await world.call('POST', `/scans/${id}/resume`)
    world.pass(10)
    expect(await world.status(id)).toBe('running')
    world.pass(90)
    expect(await world.status(id)).toBe('completed')
  })

  it('refuses a second launch while it is active, and a deletion', async () => {
    const world = await startWorld()
    const id = await world.create()
    await world.call('POST', `/scans/${id}/launch`)
    expect((await world.call('POST', `/scans/${id}/launch`)).status).toBe(409)
    expect((await world.call('DELETE', `/scans/${id}`)).status).toBe(409)
    world.pass(200)
    expect((await world.call('DELETE', `/scans/${id}`)).text).toBe('')
    expect((await world.call('GET', `/scans/${id}`)).status).toBe(404)
  })

  it('leaves scans beyond the limit pending until an engine is free (LC1)', async () => {
    const world = await startWorld({ maxScans: 2 })
    const ids = [await world.create(), await world.create(), await world.create()]
    for (const id of ids) await world.call('POST', `/scans/${id}/launch`)
    world.pass(60)
    expect(await Promise.all(ids.map((id) => world.status(id)))).toEqual(['running', 'running', 'pending'])
    world.pass(70)
    expect(await Promise.all(ids.map((id) => world.status(id)))).toEqual(['completed', 'completed', 'running'])
    expect(world.simulator.control.counts().totals).toMatchObject({ launches: 3, runningMax: 2, runningNow: 1 })
  })

  it('finds hosts over time, so that its progress can go backwards', async () => {
    const world = await startWorld()
    const id = await world.create({ text_targets: '10.0.0.0/29' })
    await world.call('POST', `/scans/${id}/launch`)
    const shares: number[] = []
    const hosts: number[] = []
    for (let second = 0; second < 120; second++) {
      world.pass(1)
      const found = (await world.call('GET', `/scans/${id}`)).json['hosts'] ?? []
      hosts.push(found.length)
      if (found.length > 0) shares.push(sum(found, 'scanprogresscurrent') / sum(found, 'scanprogresstotal'))
    }
    expect(new Set(hosts)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(shares.some((share, index) => share < (shares[index - 1] ?? 0))).toBe(true)
    expect(shares.at(-1)).toBe(1)
  })

  it('is the same for the same seed', async () => {
    const look = async (seed: number): Promise<string> => {
      const world = await startWorld({ seed })
      const id = await world.create({ text_targets: '10.0.0.0/28' })
      await world.call('POST', `/scans/${id}/launch`)
      world.pass(40)
      return (await world.call('GET', `/scans/${id}`)).text
    }
    expect(await look(7)).toBe(await look(7))
    expect(await look(7)).not.toBe(await look(8))
  })
})
