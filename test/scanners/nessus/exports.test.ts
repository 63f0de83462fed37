import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { errorOf, startClient } from '../support/client.ts'
import type { Script } from '../support/scripted-scanner.ts'

describe('requestExport', () => {
  test.each([
    [{ token: 'ab12', file: 5 }, 'token:ab12'],
    [{ temp_token: 'cd34' }, 'token:cd34'],
    [{ file: 1235941936 }, 'file:1235941936'],
    [{ token: null, file: 5 }, 'file:5'],
  ])('of %j answers %s', async (json, handle) => {
    const { client, scanner } = await startClient({ 'POST /scans/5/export': { json } })
    expect(await client.requestExport({ id: 5 })).toBe(handle)
    expect(JSON.parse(scanner.seen[0]?.body ?? '')).toEqual({ format: 'nessus' })
  })

  test('of a running scan is a temporary error, and without results one that is given up after a while', async () => {
    const { client, scanner } = await startClient({
      'POST /scans/5/export': { status: 409, json: { error: 'Can not export running scans' } },
    })
    expect(await errorOf(client.requestExport({ id: 5 }))).not.toBeInstanceOf(PermanentError)
    scanner.script['POST /scans/5/export'] = { status: 404, json: { error: 'The requested file was not found' } }
    const error = await errorOf(client.requestExport({ id: 5 }))
    expect([error instanceof PermanentError, error instanceof ScannerAwayError]).toEqual([false, false])
    scanner.script['POST /scans/5/export'] = { status: 404, text: '<html>no such page</html>' }
    expect(await errorOf(client.requestExport({ id: 5 }))).toBeInstanceOf(ScannerAwayError)
  })

  test('never follows a token into another path', async () => {
    const { client } = await startClient({ 'POST /scans/5/export': { json: { token: '../../session' } } })
    expect((await errorOf(client.requestExport({ id: 5 }))).message).toMatch(/not understood/)
    expect((await errorOf(client.exportState({ id: 5 }, 'token:../x'))).message).toMatch(/expected an export handle/)
  })
})

describe('exportState', () => {
  test.each([
    [{ json: { status: 'ready' } }, 'ready'],
    [{ json: { status: 'loading' } }, 'loading'],
    [{ json: { status: 'pending' } }, 'loading'],
    [{ json: {} }, 'loading'],
    [{ json: { status: 'error', message: 'x' } }, 'gone'],
    [{ status: 500, json: { status: 'error' } }, 'gone'],
    [{ status: 404, json: { error: 'The requested file was not found' } }, 'gone'],
  ] as const)('of %j is %s, by either route', async (reply, state) => {
    const script = { 'GET /tokens/ab/status': reply, 'GET /scans/5/export/9/status': reply }
    const { client } = await startClient(script)
    expect(await client.exportState({ id: 5 }, 'token:ab')).toBe(state)
    expect(await client.exportState({ id: 5 }, 'file:9')).toBe(state)
  })
})

test.each([
  { text: '' },
  { text: '<html>try later</html>' },
  { status: 500, text: 'oops' },
  { status: 404, text: '<html>no such page</html>' },
])('an export is not forgotten for %j: the way is waited for', async (reply) => {
  const { client } = await startClient({ 'GET /tokens/ab/status': reply })
  expect(await errorOf(client.exportState({ id: 5 }, 'token:ab'))).toBeInstanceOf(ScannerAwayError)
})

describe('download', () => {
  test('streams the bytes, and other calls go on meanwhile', async () => {
    const report = `<x>${'y'.repeat(3_000_000)}</x>`
    const script = { 'GET /tokens/ab/download': { text: report }, 'GET /scans': { json: { scans: null } } }
    const { client } = await startClient(script, { limits: { requestsMax: 1, answerBytesMax: 100, totalMs: 5_000 } })
    const stream = await client.download({ id: 5 }, 'token:ab')
    expect(await client.scans()).toEqual([])
    expect(await text(stream)).toBe(report)
  })

  test('that breaks is an error of the stream, never a short report', async () => {
    const reply = { text: 'x'.repeat(100), drop: 'after headers' } as const
    const { client } = await startClient({ 'GET /tokens/ab/download': reply })
    const error = await errorOf(client.download({ id: 5 }, 'token:ab').then(text))
    // This report waits; other scans go on.
    expect(error).toMatchObject({ stopsAdmission: false, message: expect.stringMatching(/it broke off|got nothing/) })
  })

  test.each([
    ['is gone', { status: 404, json: { error: 'x' } }],
    ['is a message', { json: { error: 'not ready' } }],
    ['is empty', { text: '' }],
    ['is a page', { text: '<html>', headers: { 'content-type': 'text/html; charset=utf-8' } }],
  ])('of what %s is a temporary error', async (_, reply) => {
    const { client } = await startClient({ 'GET /scans/5/export/9/download': reply })
    const error = await errorOf(client.download({ id: 5 }, 'file:9'))
    expect(error).not.toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(/cannot download the export of scan 5/)
    expect(error).toMatchObject({ stopsAdmission: false })
  })

  test('that drops before its first byte says nothing of the scanner', async () => {
    const { client } = await startClient({ 'GET /tokens/ab/download': { drop: 'before' } })
    expect(await errorOf(client.download({ id: 5 }, 'token:ab'))).toMatchObject({ stopsAdmission: false })
  })

  test('is unpacked where a proxy packs it, and broken where the pack is', async () => {
    const report = `<x>${'y'.repeat(300_000)}</x>`
    const packed = gzipSync(report)
    const headers = { 'content-encoding': 'gzip' }
    const script: Script = {
      'GET /tokens/ab/download': { bytes: packed, headers },
      'GET /tokens/cd/download': { bytes: packed.subarray(0, 100), headers },
      'GET /scans': { bytes: gzipSync('\uFEFF{"scans": null}'), headers },
    }
    const { client, scanner } = await startClient(script)
    expect(await text(await client.download({ id: 5 }, 'token:ab'))).toBe(report)
    expect(await errorOf(client.download({ id: 5 }, 'token:cd').then(text))).toMatchObject({ stopsAdmission: false })
    expect(await client.scans()).toEqual([])
    expect(scanner.seen.map(({ headers: sent }) => sent['accept-encoding'])).toEqual(Array(3).fill('identity'))
  })

  test('a small answer that unpacks to more than an answer may have is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000, ' '))
    const script: Script = { 'GET /scans': { bytes: bomb, headers: { 'content-encoding': 'gzip' } } }
    const { client } = await startClient(script, { limits: { answerBytesMax: 100_000 } })
    expect((await errorOf(client.scans())).message).toContain('at most 100000 bytes')
  })
})
