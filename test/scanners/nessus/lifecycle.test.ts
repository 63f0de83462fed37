import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { errorOf, startClient } from '../support/client.ts'
import type { Reply } from '../support/scripted-scanner.ts'
import { owned } from '../support/owned.ts'

const details = (status: string, more: object = {}): Reply => ({ json: { info: { status }, ...more } })
const GONE: Reply = { status: 404, json: { error: 'The requested file was not found' } }
const PAGE: Reply = { status: 404, text: '<html>no such page</html>' }
/** A list that has scan 6 and no other. */
const OTHERS: Reply = { json: { folders: null, scans: [{ id: 6 }] } }
const listed = { json: { scans: [{ id: 5 }] } }

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

  test.each([
    [' Completed', 'completed'],
    ['Cancelled', 'canceled'],
    ['finished', 'completed'],
    ['Stopping', 'stopping'],
  ])('%j is read as %s, in whatever letters a version writes it', async (written, status) => {
    const { client } = await startClient({ 'GET /scans/5': details(written) })
    expect(await client.state(5)).toMatchObject({ status })
  })

  test('of a scan before its first run, where every list is null, knows no run and no progress', async () => {
    const json = { info: { status: 'empty', uuid: 'template-x', hostcount: null }, hosts: null, history: null }
    const { client } = await startClient({ 'GET /scans/5': { json } })
    expect(await client.state(5)).toEqual({ phase: 'idle', status: 'empty', hosts: 0, standIn: 'template-x', runs: [] })
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
    const runs = [
      { uuid: 'r1', historyId: 11 },
      // Where the history does not say, the scan does.
      { uuid: 'r2', historyId: 12, status: 'running', phase: 'active' },
    ]
    expect(await client.state(5)).toEqual({
      phase: 'active',
      status: 'running',
      progress: 33,
      hosts: 3,
      runUuid: 'r2',
      runs,
    })
  })

  test('of a scan that is gone is undefined: the scanner says so, and its list lacks it (AT3)', async () => {
    const { client } = await startClient({ 'GET /scans/5': GONE, 'GET /scans': OTHERS })
    expect(await client.state(5)).toBeUndefined()
  })

  test.each<[string, Reply, Reply]>([
    ['a 404 of the scanner, whose list has it', GONE, listed],
    ['a 404 of the scanner, whose list is a page', GONE, { text: '<html>' }],
    ['a 404 of the scanner, whose list is cut', GONE, { text: '{"folders":[],"scans":[{"id":6},' }],
    ['a 404 of the scanner, whose list lacks the scans', GONE, { json: { folders: [] } }],
    ['a 404 of the scanner, whose list cannot be asked', GONE, { status: 401 }],
    ['JSON that tells no status', { json: {} }, listed],
    ['JSON of something else', { json: { info: { name: 'x' }, history: null } }, listed],
    ['a 404 of a proxy', PAGE, OTHERS],
    ['a 404 of nobody', { status: 404 }, OTHERS],
    ['a 404 of a gateway, in JSON', { status: 404, json: { message: 'no Route matched' } }, OTHERS],
  ])('is not known, and waited for, after %s (AT3)', async (_, reply, list) => {
    const { client } = await startClient({ 'GET /scans/5': reply, 'GET /scans': list })
    expect(await errorOf(client.state(5))).toBeInstanceOf(ScannerAwayError)
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
    expect(await client.launch(await owned(5))).toBe('r1')
  })

  test.each([403, 409])('that comes too late (%i) answers the run there is', async (status) => {
    const script = {
      'POST /scans/5/launch': { status },
      'GET /scans/5': details('running', { history: [{ uuid: 'r1' }] }),
    }
    const { client } = await startClient(script)
    expect(await client.launch(await owned(5))).toBe('r1')
  })

  test.each([
    [403, details('empty'), false, /which is empty; check that the scan is enabled/],
    [409, details('empty'), false, /cannot launch scan 5 \(409\), which is empty/],
    [404, GONE, true, /which is gone/],
  ])('that is refused with %i while nothing runs is an error', async (status, state, permanent, message) => {
    const script = { 'POST /scans/5/launch': { status }, 'GET /scans/5': state, 'GET /scans': OTHERS }
    const { client } = await startClient(script)
    const error = await errorOf(client.launch(await owned(5)))
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
    const { client } = await startClient({ [request]: { status }, 'GET /scans/5': state, 'GET /scans': OTHERS })
    await expect(client[verb](await owned(5))).resolves.toBeUndefined()
  })

  test.each<['pause' | 'resume' | 'remove', string, Reply, Reply]>([
    ['pause', 'POST /scans/5/pause', details('running'), details('paused')],
    ['resume', 'POST /scans/5/resume', details('paused'), details('running')],
    ['remove', 'DELETE /scans/5', listed, OTHERS],
  ])('%s is not believed to have been done for an empty answer alone', async (verb, request, before, after) => {
    const look = verb === 'remove' ? 'GET /scans' : 'GET /scans/5'
    const { client, scanner } = await startClient({ [request]: { text: '' }, [look]: before })
    expect(await errorOf(client[verb](await owned(5)))).toBeInstanceOf(ScannerAwayError)
    scanner.script[look] = after
    await expect(client[verb](await owned(5))).resolves.toBeUndefined()
  })

  test.each<['stop' | 'pause' | 'resume' | 'remove', string, number, Reply, boolean]>([
    ['stop', 'POST /scans/5/stop', 409, details('running'), false],
    ['stop', 'POST /scans/5/stop', 403, details('running'), false],
    ['stop', 'POST /scans/5/stop', 404, details('running'), false],
    ['pause', 'POST /scans/5/pause', 409, details('completed'), false],
    ['pause', 'POST /scans/5/pause', 404, GONE, true],
    ['remove', 'DELETE /scans/5', 409, details('running'), false],
    ['remove', 'DELETE /scans/5', 500, details('completed'), false],
  ])('but what has not is one: %s, %s answered with %i', async (verb, request, status, state, permanent) => {
    const { client } = await startClient({ [request]: { status }, 'GET /scans/5': state, 'GET /scans': OTHERS })
    const error = await errorOf(client[verb](await owned(5)))
    expect(error instanceof PermanentError).toBe(permanent)
  })
})

describe('a refusal before the launch', () => {
  const NOT_OURS: Reply = { status: 403, json: { error: 'You are not authorized to perform this request' } }
  const role = (permissions: number): Reply => ({ json: { id: 2, permissions } })
  const NONE: Reply = { status: 404, json: { error: 'The requested file was not found' } }

  test.each<[string, Reply, Reply, boolean]>([
    ['our role is too low', NOT_OURS, role(16), true],
    ['the scanner tells no role, and its words are plain', NOT_OURS, NONE, true],
    ['it is about a rate', { status: 403, json: { error: 'Rate limit exceeded for host 10.0.0.1' } }, role(32), false],
    ['our role suffices', NOT_OURS, role(32), false],
    [
      'it has too many hosts',
      { status: 403, json: { error: 'Scan exceeds the license limit of 16 hosts' } },
      role(32),
      true,
    ],
    ['the scanner tells no role, and its words say nothing of us', { status: 403, json: { error: 'x' } }, NONE, false],
    ['it is not in the words of the scanner', { status: 403, text: '<html>Forbidden</html>' }, role(16), false],
    ['the role cannot be asked either', NOT_OURS, NOT_OURS, false],
  ])('lasts only if that is known: %s', async (_, reply, session, lasts) => {
    const script = { 'POST /scans/5/launch': reply, 'GET /scans/5': details('empty'), 'GET /session': session }
    const { client } = await startClient(script)
    const error = await errorOf(client.launch(await owned(5)))
    expect([error instanceof PermanentError, error instanceof ScannerAwayError]).toEqual([lasts, !lasts])
  })

  test('for too many hosts names the hosts, and not our role', async () => {
    const reply: Reply = { status: 403, json: { error: 'Too many hosts for this license' } }
    const { client } = await startClient({ 'POST /scans/5/launch': reply, 'GET /scans/5': details('empty') })
    const { message } = await errorOf(client.launch(await owned(5)))
    expect(message).toMatch(/takes fewer hosts \(403: "Too many hosts for this license"\); scan fewer targets/)
    expect(message).not.toContain('role')
  })

  test.each([
    [false, true],
    [true, false],
    [undefined, false],
  ])('for want of the scan API (%s in the licence) lasts: %s', async (scan_api, lasts) => {
    const properties = { json: { license: { features: { scan_api } } } }
    const reply = { status: 412, json: { error: 'API is not available' } }
    const { client } = await startClient({ 'POST /scans/5/launch': reply, 'GET /server/properties': properties })
    expect((await errorOf(client.launch(await owned(5)))) instanceof PermanentError).toBe(lasts)
  })

  test('is none once the scan runs: a stop without the scan API is waited for, with what to do', async () => {
    const script = {
      'POST /scans/5/stop': { status: 412, json: { error: 'API is not available' } },
      'GET /server/properties': { json: { license: { features: { scan_api: false } } } },
    }
    const { client } = await startClient(script)
    const error = await errorOf(client.stop(await owned(5)))
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/refused without the scan API \(412\).*in the web interface/)
  })
})
