import { expect, test } from 'vitest'
import { makeCertificate } from '../../../infra/simulator/certificate.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { errorOf, startClient } from '../support/client.ts'
import { KEYS } from '../support/entry.ts'
import { startProxy } from '../support/proxy.ts'

const EMPTY = { 'GET /scans': { json: { scans: null } } }
const { keyPem: key, certificatePem: cert } = makeCertificate({ nowMs: Date.now() })
const own = makeCertificate({ nowMs: Date.now() })

test('a scanner is reached through a proxy, with a login of its own', async () => {
  const { url, asked } = await startProxy()
  const { client, scanner } = await startClient(EMPTY, {
    entry: { ...KEYS, proxy: { url, username: 'us', password: 'p:w' } },
  })
  expect(await client.scans()).toEqual([])
  expect(asked).toEqual([{ to: new URL(scanner.url).host, login: `Basic ${Buffer.from('us:p:w').toString('base64')}` }])
})

test('through a proxy the certificate is the one of the scanner, and verified as ever', async () => {
  const { url } = await startProxy()
  const proxy = { url }
  const trusted = await startClient(EMPTY, { tls: { key, cert }, entry: { ...KEYS, proxy, tls: { ca: cert } } })
  expect(await trusted.client.scans()).toEqual([])
  const strange = await startClient(EMPTY, { tls: { key, cert }, entry: { ...KEYS, proxy } })
  expect((await errorOf(strange.client.scans())).message).toContain('its certificate is not trusted')
  expect(strange.scanner.seen).toEqual([])
})

test.each([
  ['407 Proxy Authentication Required', /demands a login: set proxy_username and proxy_password/],
  ['403 Forbidden', /\(403\); have it allow CONNECT/],
  ['502 Bad Gateway', /\(502\); check that it reaches the scanner/],
])('a proxy that says %s is named with the remedy, and the scanner waited for', async (answer, message) => {
  const { url } = await startProxy(answer)
  const { client, scanner } = await startClient(EMPTY, {
    entry: { ...KEYS, proxy: { url, username: 'u', password: 'secret-word' } },
  })
  const error = await errorOf(client.scans())
  expect(error).toBeInstanceOf(ScannerAwayError)
  expect(error.message).toMatch(message)
  expect(error.message).not.toContain('secret-word')
  expect(scanner.seen).toEqual([])
})

test('a proxy that is not there is told from a scanner that is not there', async () => {
  const { client } = await startClient(EMPTY, { entry: { ...KEYS, proxy: { url: 'http://127.0.0.1:1' } } })
  expect((await errorOf(client.scans())).message).toMatch(/the proxy 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/)
})

test('a client certificate is shown to a scanner that demands one, and its lack is said with the remedy', async () => {
  const tls = { key, cert, requestCert: true, rejectUnauthorized: true, ca: own.certificatePem }
  const shown = { certificate: own.certificatePem, key: own.keyPem }
  const known = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { ca: cert, client: shown } } })
  expect(await known.client.scans()).toEqual([])
  const without = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { ca: cert } } })
  expect((await errorOf(without.client.scans())).message).toMatch(
    /demands a client certificate; set tls\.client_certificate/,
  )
})

test('TLS that is too old is said with the remedy', async () => {
  const tls = { key, cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const { client } = await startClient(EMPTY, { tls, entry: { ...KEYS, tls: { ca: cert } } })
  expect((await errorOf(client.scans())).message).toMatch(/its TLS is older than TLS 1\.2/)
})

test('http:// on a TLS port is said with the remedy', async () => {
  const { scanner } = await startClient(EMPTY, { tls: { key, cert } })
  const { client } = await startClient(EMPTY, { entry: { ...KEYS, url: scanner.url.replace('https:', 'http:') } })
  expect((await errorOf(client.scans())).message).toMatch(/should begin with https:\/\//)
  const asked = await startClient({
    'GET /scans': { status: 400, text: 'The plain HTTP request was sent to HTTPS port' },
  })
  expect((await errorOf(asked.client.scans())).message).toMatch(/should begin with https:\/\//)
})
