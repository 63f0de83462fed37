import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { makeScanFiles } from '../../lib/gateway/scan-files.ts'
import { openDoor, type Door } from './support/door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor({
    reports: {
      async *export(taskId, { filters }) {
        if (filters && 'nonsense' in filters) throw new Refusal('invalid_argument', 'no such field')
        for (let n = 0; n < 3; n++) yield `{"task":"${taskId}","n":${n}}\n`
      },
    },
  })
})
afterAll(async () => {
  await door.close()
})

const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
  door.ask(path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })

describe('GET /scans/<id>/native', () => {
  const report = '<NessusClientData_v2>0123456789</NessusClientData_v2>'
  const reported = async () => {
    const { task_id: id } = door.addScan('reported')
    await mkdir(join(door.dataDir, id))
    await writeFile(join(door.dataDir, id, 'scan_native.nessus'), report)
    return `/scans/${id}/native`
  }

  test('streams the file with its size and name', async () => {
    const response = await door.ask(await reported())
    expect(response.headers.get('content-length')).toBe(String(report.length))
    expect(response.headers.get('content-disposition')).toMatch(/filename="ns_test_.*\.nessus"/)
    expect(await response.text()).toBe(report)
  })

  test.each([
    ['bytes=0-9', 206, report.slice(0, 10)],
    ['bytes=21-', 206, report.slice(21)],
    ['bytes=-5', 206, report.slice(-5)],
    ['bytes=0-1,3-4', 200, report],
    ['bytes=9-3', 200, report],
    ['bytes=9999-', 416, ''],
    [`bytes=${report.length}-`, 416, ''],
    [`bytes=${report.length - 1}-99999`, 206, '>'],
    ['bytes=-99999', 206, report],
    ['bytes=-0', 416, ''],
  ])('answers the range %s with %i', async (range, status, text) => {
    const response = await door.ask(await reported(), { headers: { range } })
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(text)
  })

  test('says how long the file is to who asks beyond its end', async () => {
    const response = await door.ask(await reported(), { headers: { range: 'bytes=9999-' } })
    expect(response.headers.get('content-range')).toBe(`bytes */${report.length}`)
  })

  test('goes on with a range only for who has a part of this very file', async () => {
    const path = await reported()
    const etag = (await door.ask(path)).headers.get('etag')!
    const asked = (tag: string, range: string) => door.ask(path, { headers: { range, 'if-range': tag } })
    const same = await asked(etag, 'bytes=5-9')
    expect([same.status, await same.text()]).toEqual([206, report.slice(5, 10)])
    for (const old of ['"old-tag"', `W/${etag}`, 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      const whole = await asked(old, 'bytes=5-9')
      expect([whole.status, await whole.text()]).toEqual([200, report])
      // Where the file is another one, its old length says nothing.
      expect((await asked(old, 'bytes=9999-')).status).toBe(200)
    }
  })

  test('says so when the report is replaced between its headers and its bytes', async () => {
    const path = await reported()
    const files = makeScanFiles(door.dataDir)
    const file = await files.native(path.split('/')[2]!)
    await writeFile(join(door.dataDir, path.split('/')[2]!, 'scan_native.nessus'), `${report}${report}`)
    await expect(Readable.from(file!.read()).toArray()).rejects.toMatchObject({ code: 'conflict' })
  })

  test('says that nothing changed to who has it already', async () => {
    const path = await reported()
    const etag = (await door.ask(path)).headers.get('etag')!
    expect((await door.ask(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  test('refuses what is no task id, an unknown one, and a scan without a report', async () => {
    expect((await door.ask('/scans/..%2f..%2fetc/native')).status).toBe(400)
    expect((await door.ask('/scans/ns_test_20260102_030405_ffffffff/native')).status).toBe(404)
    expect((await door.ask(`/scans/${door.addScan('fresh').task_id}/native`)).status).toBe(409)
  })
})

describe('GET /scans/<id>/results', () => {
  const done = () => {
    const scan = door.addScan('done')
    scan.status = 'completed'
    return scan.task_id
  }

  test('streams the findings', async () => {
    const id = done()
    const response = await door.ask(`/scans/${id}/results?filters=${encodeURIComponent('{"severity":4}')}`)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect((await response.text()).trim().split('\n')).toHaveLength(3)
  })

  test('is a file in another format, and names those there are when asked for none of them', async () => {
    const id = done()
    const response = await door.ask(`/scans/${id}/results?format=csv`)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${id}.csv"`)
    const refused = await door.ask(`/scans/${id}/results?format=pdf`)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('sarif')
  })

  test('answers a bad filter with an error, not with a broken stream', async () => {
    const id = done()
    expect((await door.ask(`/scans/${id}/results?filters=${encodeURIComponent('{"nonsense":4}')}`)).status).toBe(400)
    expect((await door.ask(`/scans/${id}/results?filters=x`)).status).toBe(400)
    expect((await door.ask(`/scans/${id}/results?page=x`)).status).toBe(400)
  })

  test('says that a scan has no results yet', async () => {
    expect((await door.ask(`/scans/${door.addScan('young').task_id}/results`)).status).toBe(409)
  })
})

describe('POST /scans/import', () => {
  const incoming = () => readdir(join(door.dataDir, 'incoming')).catch(() => [])

  test('keeps the body and calls import_scan with where it is', async () => {
    const response = await post('/scans/import?name=old', '<NessusClientData_v2/>')
    expect(response.status).toBe(201)
    const answer = (await response.json()) as { name: string; upload: string }
    expect(answer.name).toBe('old')
    expect(await incoming()).toContain(answer.upload)
  })

  test('takes the file out of a multipart form', async () => {
    const form = new FormData()
    form.set('file', new Blob(['<NessusClientData_v2/>']), 'a.nessus')
    const response = await door.ask('/scans/import', { method: 'POST', body: form })
    expect(response.status).toBe(201)
  })

  test('keeps the file when nobody knows whether a worker took it up', async () => {
    const before = await incoming()
    expect((await post('/scans/import?name=unknown', 'x')).status).toBe(503)
    expect(await incoming()).toHaveLength(before.length + 1)
  })

  test('leaves nothing behind when the file is too large, refused or missing', async () => {
    const before = await incoming()
    expect((await post('/scans/import', 'x'.repeat(10_001))).status).toBe(413)
    const form = new FormData()
    form.set('file', new Blob(['x'.repeat(10_001)]), 'a.nessus')
    expect((await door.ask('/scans/import', { method: 'POST', body: form })).status).toBe(413)
    expect((await post('/scans/import?name=bad', 'x')).status).toBe(400)
    const empty = new FormData()
    empty.set('name', 'a')
    expect((await door.ask('/scans/import', { method: 'POST', body: empty })).status).toBe(400)
    expect((await post('/scans/import')).status).toBe(400)
    expect(await incoming()).toEqual(before)
  })
})
