import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run } from './support/system.ts'

test('a download that breaks off leaves the earlier file as it was, and nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'download-'))
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000000' })
    response.write('<NessusClientData_v2>', () => setTimeout(() => response.destroy(), 50))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const file = join(folder, 'report.nessus')
  writeFileSync(file, 'of last week')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code } = await run(['download', 'ns_local_20261121_093000_1f2e3d4c', '--url', url, '-o', file])
  expect(code).not.toBe(0)
  expect(readFileSync(file, 'utf8')).toBe('of last week')
  expect(readdirSync(folder)).toEqual(['report.nessus'])
})
