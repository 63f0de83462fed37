import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { errorOf, startClient } from '../support/client.ts'
import type { Reply } from '../support/scripted-scanner.ts'

const details = (status: string, more: object = {}): Reply => ({ json: { info: { status }, ...more } })
const GONE: Reply = { status: 404, json: { error: 'The requested file was not found' } }

describe('state', () => {
  test.each([
    ['empty', 'idle'],
    ['pending', 'active'],
    ['running', 'active'],
    ['pausing', 'active'],
    ['paused', 'paused'],
    ['resuming', 'active'],
    ['stopping', 'active'],
    ['canceled', 'canceled'],
    ['stopped', 'canceled'],
    ['completed', 'completed'],
    ['imported', 'completed'],
    ['aborted', 'aborted'],
    ['processing', 'active'],
    ['constructor', 'active'],
  ])('%s is %s', async (status, phase) => {
    const { client } = await startClient({ 'GET /scans/5': details(status) })
    expect(await client.state(5)).toMatchObject({ status, phase })
  })

  test('of a scan before its first run, where every list is null, knows no run and no progress', async () => {
    const json = { info: { status: 'empty', uuid: 'template-x', hostcount: null }, hosts: null, history: null }
    const { client } = await startClient({ 'GET /scans/5': { json } })
    expect(await client.state(5)).toEqual({ phase: 'idle', status: 'empty', hosts: 0 })
  })

  test('adds the checks of all hosts up, and knows the newest run', async () => {
    const json = {
      info: { status: 'running', uuid: 'r2', hostcount: 2 },
      hosts: [
        { scanprogresscurrent: 100, scanprogresstotal: 200, progress: '100-100/200-200' },
        { scanprogresscurrent: 0, scanprogresstotal: 100 },
        { scanprogresscurrent: null },
      ],
      history: [
        { history_id: 12, uuid: 'r2' },
        { history_id: 11, uuid: 'r1' },
      ],
    }
    const { client } = await startClient({ 'GET /scans/5': { json } })
    expect(await client.state(5)).toEqual({ phase: 'active', status: 'running', progress: 33, hosts: 3, runUuid: 'r2' })
  })

  test('of a scan that is gone is undefined', async () => {
    const { client } = await startClient({ 'GET /scans/5': GONE })
    expect(await client.state(5)).toBeUndefined()
  })

  test.each([0, -1, 1.5, NaN])('refuses the id %s', async (id) => {
    const { client, scanner } = await startClient({})
    expect(await errorOf(client.state(id))).toBeInstanceOf(PermanentError)
    expect(scanner.seen).toEqual([])
  })
})

describe('launch', () => {
  test('answers the run', async () => {
    const { client } = await startClient({ 'POST /scans/5/launch': { json: { scan_uuid: 'r1' } } })
    expect(await client.launch(5)).toBe('r1')
  })

  test.each([403, 409])('that comes too late (%i) answers the run there is', async (status) => {
    const script = {
      'POST /scans/5/launch': { status },
      'GET /scans/5': details('running', { history: [{ uuid: 'r1' }] }),
    }
    const { client } = await startClient(script)
    expect(await client.launch(5)).toBe('r1')
  })

  test.each([
    [403, details('empty'), true, /which is empty; check that the scan is enabled/],
    [409, details('empty'), false, /cannot launch scan 5 \(409\), which is empty/],
    [404, GONE, true, /which is gone/],
  ])('that is refused with %i while nothing runs is an error', async (status, state, permanent, message) => {
    const { client } = await startClient({ 'POST /scans/5/launch': { status }, 'GET /scans/5': state })
    const error = await errorOf(client.launch(5))
    expect(error instanceof PermanentError).toBe(permanent)
    expect(error.message).toMatch(message)
  })
})

describe('what has already happened is no error', () => {
  test.each<['stop' | 'pause' | 'resume' | 'remove', string, number, Reply]>([
    ['stop', 'POST /scans/5/stop', 409, details('completed')],
    ['stop', 'POST /scans/5/stop', 409, details('stopping')],
    ['stop', 'POST /scans/5/stop', 403, details('canceled')],
    ['stop', 'POST /scans/5/stop', 404, GONE],
    ['pause', 'POST /scans/5/pause', 409, details('paused')],
    ['resume', 'POST /scans/5/resume', 409, details('running')],
    ['remove', 'DELETE /scans/5', 404, GONE],
    ['remove', 'DELETE /scans/5', 409, GONE],
  ])('%s: %s answered with %i', async (verb, request, status, state) => {
    const { client } = await startClient({ [request]: { status }, 'GET /scans/5': state })
    await expect(client[verb](5)).resolves.toBeUndefined()
  })

  test.each<['stop' | 'pause' | 'resume' | 'remove', string, number, Reply, boolean]>([
    ['stop', 'POST /scans/5/stop', 409, details('running'), false],
    ['stop', 'POST /scans/5/stop', 403, details('running'), true],
    ['pause', 'POST /scans/5/pause', 409, details('completed'), false],
    ['pause', 'POST /scans/5/pause', 404, GONE, true],
    ['remove', 'DELETE /scans/5', 409, details('running'), false],
    ['remove', 'DELETE /scans/5', 500, details('completed'), false],
  ])('but what has not is one: %s, %s answered with %i', async (verb, request, status, state, permanent) => {
    const { client } = await startClient({ [request]: { status }, 'GET /scans/5': state })
    const error = await errorOf(client[verb](5))
    expect(error instanceof PermanentError).toBe(permanent)
  })
})
