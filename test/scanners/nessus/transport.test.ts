import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../infra/simulator/certificate.ts'
import { PermitLapsed } from '../../../lib/base/permit.ts'
import { ScannerAwayError, ScannerBusyError } from '../../../lib/scanners/away-error.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import { errorOf, startClient } from '../support/client.ts'
import { entryOf, KEYS } from '../support/entry.ts'
import { owned } from '../support/owned.ts'

const EMPTY = { 'GET /scans': { json: { scans: null, folders: null } } }

describe('a permit', () => {
  const NEW = { name: 'Weekly', description: '', marker: 'm', targets: '192.0.2.1', template: 'basic' }
  const script = {
    ...EMPTY,
    'GET /editor/scan/templates': { json: { templates: [{ name: 'basic', uuid: 'u', title: 'Basic', desc: '' }] } },
    'POST /scans': { json: { scan: { id: 7 } } },
    'POST /scans/5/launch': { json: { scan_uuid: 'run-1' } },
  }
  const writes = (seen: readonly { method: string }[]) => seen.filter(({ method }) => method === 'POST')

  test('that holds lets the request through', async () => {
    const { client, scanner } = await startClient(script)
    expect(await client.launch(await owned(5), () => {})).toBe('run-1')
    expect(await client.create(NEW, () => {})).toEqual({ id: 7 })
    expect(writes(scanner.seen)).toHaveLength(2)
  })

  test('that has lapsed once the connection stands keeps the request from being sent, and the scanner is not to blame', async () => {
    const { client, scanner } = await startClient(script)
    const lapsed = () => {
      throw new PermitLapsed('too late')
    }
    expect(await errorOf(client.launch(await owned(5), lapsed))).toBeInstanceOf(PermitLapsed)
    expect(await errorOf(client.create(NEW, lapsed))).toBeInstanceOf(PermitLapsed)
    expect(writes(scanner.seen)).toEqual([])
  })
})

describe('TLS', () => {
  const { keyPem: key, certificatePem: cert } = makeCertificate({ nowMs: Date.now() })
  const tls = { key, cert }
  const x509 = new X509Certificate(cert)
  const fingerprint = x509.fingerprint256.replaceAll(':', '').toLowerCase()
  const spki = createHash('sha256')
    .update(x509.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

  test('refuses a certificate it cannot verify, says which, and sends nothing', async () => {
    const { client, scanner } = await startClient(EMPTY, { tls })
    const error = await errorOf(client.scans())
    expect(error.message).toMatch(/^scanner lan\/one \(127\.0\.0\.1:\d+\): its certificate is not trusted \(\w+\)/)
    expect(error.message).toContain(fingerprint)
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(scanner.seen).toEqual([])
  })

  test.each([
    ['the certificate', { fingerprint }],
    ['its public key', { fingerprint: spki }],
    ['a CA', { ca: cert }],
    ['nothing, being told not to look', { insecure: true }],
  ])('accepts it by %s', async (_, way) => {
    const { client } = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: way } })
    expect(await client.scans()).toEqual([])
  })

  test('refuses another fingerprint and shows both', async () => {
    const other = 'ab'.repeat(32)
    const { client, scanner } = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { fingerprint: other } } })
    const { message } = await errorOf(client.scans())
    expect(message).toContain(`expected SHA-256 ${other}, got ${fingerprint}`)
    expect(scanner.seen).toEqual([])
  })

  test('refuses a trusted certificate under another name, unless the entry gives that name', async () => {
    const wrong = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { ca: cert, serverName: 'other.example' } } })
    expect((await errorOf(wrong.client.scans())).message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    const right = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { ca: cert, serverName: 'localhost' } } })
    expect(await right.client.scans()).toEqual([])
  })

  test('says what is amiss when the url has the wrong scheme', async () => {
    const { scanner } = await startClient(EMPTY)
    const entry = entryOf({ url: scanner.url.replace('http:', 'https:'), ...KEYS })
    const client = makeNessusScanner({ entry, now: () => 0 })
    expect((await errorOf(client.scans())).message).toMatch(/should begin with http/)
    await client.close()
  })
})

describe('a scanner that is not there', () => {
  test('is told by its cause', async () => {
    const { scanner } = await startClient({})
    await scanner.close()
    const client = makeNessusScanner({ entry: entryOf({ url: scanner.url, ...KEYS }), now: () => 0 })
    expect((await errorOf(client.scans())).message).toMatch(/connection was refused; check that Nessus runs/)
    await client.close()
  })

  test('is given up on when it says nothing', async () => {
    const { client } = await startClient({ 'GET /scans': { silent: true } }, { limits: { idleMs: 20 } })
    const error = await errorOf(client.scans())
    expect(error.message).toMatch(/GET \/scans failed: nothing came for 20 ms/)
    expect(error).toBeInstanceOf(ScannerAwayError)
  })

  test('is given up on when the whole takes too long, waiting for a turn included', async () => {
    const limits = { totalMs: 30, requestsMax: 1 }
    const { client, scanner } = await startClient({ 'GET /scans': { silent: true } }, { limits })
    const errors = await Promise.all([errorOf(client.scans()), errorOf(client.scans())])
    expect(errors.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringMatching(/no answer within 30 ms/)))
    expect(scanner.count('GET /scans')).toBe(1)
  })
})

describe('connections', () => {
  test('are kept for reads and bounded in number', async () => {
    const { client, scanner } = await startClient(EMPTY, { limits: { requestsMax: 2 } })
    await Promise.all(Array.from({ length: 20 }, () => client.scans()))
    expect(scanner.count('GET /scans')).toBe(20)
    expect(scanner.connections()).toBeLessThanOrEqual(2)
  })

  test('that went stale cost a read nothing', async () => {
    let dropped = 0
    const { client } = await startClient({
      'GET /scans': ({ reused }) => {
        if (!reused) return EMPTY['GET /scans']
        dropped += 1
        return { drop: 'before' }
      },
    })
    // A connection goes back to those kept a moment after its answer, so the second call may miss it.
    while (dropped < 3) expect(await client.scans()).toEqual([])
  })

  test('that break again are an error: a read is repeated once, and only over a kept connection', async () => {
    const { client, scanner } = await startClient({ 'GET /scans': { drop: 'before' } })
    expect((await errorOf(client.scans())).message).toMatch(/connection was dropped during GET \/scans/)
    expect(scanner.count('GET /scans')).toBe(1)
  })
})

describe('an answer', () => {
  test('that is too large is refused', async () => {
    const { client } = await startClient(
      { 'GET /scans': { text: 'x'.repeat(2000) } },
      { limits: { answerBytesMax: 1000 } },
    )
    expect((await errorOf(client.scans())).message).toMatch(/at most 1000 bytes/)
  })

  test('that is a redirect is not followed', async () => {
    const { client, scanner } = await startClient({
      'GET /scans': { status: 302, headers: { location: '/elsewhere' } },
    })
    const error = await errorOf(client.scans())
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/redirect \(302\); its url must be the address of Nessus itself/)
    expect(scanner.seen).toHaveLength(1)
  })

  test.each([
    [429, { 'retry-after': '7' }, 7_000],
    [503, {}, 30_000],
    [503, { 'retry-after': '86400' }, 600_000],
  ])('of %s with %j asks to wait %i ms', async (status, headers, retryAfterMs) => {
    const { client } = await startClient({ 'GET /scans': { status, headers } })
    const error = await errorOf(client.scans())
    expect(error).toBeInstanceOf(ScannerBusyError)
    expect((error as ScannerBusyError).retryAfterMs).toBe(retryAfterMs)
  })

  test.each([500, 502, 504, 409, 400, 401, 403, 404, 405])(
    'of %i to a look is waited for, in whatever form',
    async (status) => {
      const { client } = await startClient({ 'GET /scans': { status, json: { error: 'because canary-secret\n' } } })
      const error = await errorOf(client.scans())
      expect(error).toBeInstanceOf(ScannerAwayError)
      expect(error.message).toContain('because *** ')
    },
  )

  test('whose body is lost after an error status is told by that status', async () => {
    const { client } = await startClient({ 'GET /scans': { status: 403, text: 'x'.repeat(32), drop: 'after headers' } })
    expect((await errorOf(client.scans())).message).toMatch(/its user may not \(403\)/)
  })

  test('that is not what it should be is a temporary error that quotes nothing', async () => {
    const { client, scanner } = await startClient({ 'GET /scans': { text: '<html>canary</html>' } })
    const error = await errorOf(client.scans())
    expect(error).toBeInstanceOf(ScannerAwayError)
    expect(error.message).toMatch(/expected JSON, got something else/)
    scanner.script['GET /scans'] = { json: { scans: [{ id: 'canary' }] } }
    const second = await errorOf(client.scans())
    expect(second.message).toMatch(/scans\.0\.id: expected number/)
    expect(second.message).not.toContain('canary')
  })
})

test('each request is told once it is over, with its route and never with ids or tokens', async () => {
  const { client, requests } = await startClient({
    'GET /scans/5': { json: { info: { status: 'empty' } } },
    'GET /tokens/canary/status': { json: { status: 'ready' } },
  })
  await client.state(5)
  await client.exportState({ id: 5 }, 'token:canary')
  await errorOf(client.scans())
  expect(requests).toEqual([
    { scanner: 'lan/one', method: 'GET', route: '/scans/{id}', status: 200, seconds: 0 },
    { scanner: 'lan/one', method: 'GET', route: '/tokens/{token}/status', status: 200, seconds: 0 },
    { scanner: 'lan/one', method: 'GET', route: '/scans', status: 404, seconds: 0 },
  ])
})
