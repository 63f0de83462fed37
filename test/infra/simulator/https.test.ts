import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import type { World } from './support.ts'
import { startWorld } from './support.ts'

interface Seen {
  readonly status: number | undefined
  readonly fingerprint: string
}

/** One request on a connection of its own, the certificate verified. */
async function get({ simulator }: World, path: string): Promise<Seen> {
  const { certificate = '', port } = simulator
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, ca: certificate, agent: false }, (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate()
      resolve({ status: response.statusCode, fingerprint: fingerprint256 })
      response.resume()
    })
    sent.on('error', reject).end()
  })
}

it('serves HTTPS with a certificate that verifies, and whose fingerprint it tells', async () => {
  const world = await startWorld({ https: true })
  const { url, port, fingerprint } = world.simulator
  expect(url).toBe(`https://127.0.0.1:${port}`)
  expect(await get(world, '/server/status')).toEqual({ status: 200, fingerprint })
})

it('drops connections and breaks off answers over TLS too', async () => {
  const world = await startWorld({ https: true })
  const { faults } = world.simulator.control
  faults.add({ action: 'reset', times: 1 })
  await expect(get(world, '/server/status')).rejects.toThrow('socket hang up')
  faults.add({ action: 'reset-after-commit', times: 1 })
  await expect(get(world, '/server/status')).rejects.toThrow('socket hang up')
  faults.add({ action: 'truncate', times: 1 })
  expect((await get(world, '/server/status')).status).toBe(200)
})
