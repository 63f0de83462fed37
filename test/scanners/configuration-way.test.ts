/** The proxy and the client certificate of a scanner, as scanners.yaml has them. */
import { expect, test } from 'vitest'
import { makeCertificate } from '../../infra/simulator/certificate.ts'
import { parseConfiguration } from '../../lib/scanners/configuration/configuration.ts'

const one = makeCertificate({ nowMs: Date.now() })
const other = makeCertificate({ nowMs: Date.now() })
const FILES: Record<string, string> = {
  '/etc/n/client.pem': one.certificatePem,
  '/etc/n/client.key': one.keyPem,
  '/etc/n/other.key': other.keyPem,
  '/etc/n/word': 'p:w\n',
}
const parse = (lines: Record<string, unknown>, url = 'https://n:8834') =>
  parseConfiguration({
    // JSON is YAML.
    text: JSON.stringify({ dmz: [{ instance_id: 'a', url, username: 'u', password: 'p', ...lines }] }),
    file: '/etc/n/scanners.yaml',
    env: {},
    readFile(path) {
      const content = FILES[path]
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return content
    },
  }).entries[0]

test('a proxy has a url, and a login that may come from a file', () => {
  const lines = { proxy: 'http://proxy:3128/', proxy_username: 'us', proxy_password_file: 'word' }
  expect(parse(lines)?.proxy).toEqual({ url: 'http://proxy:3128', username: 'us', password: 'p:w' })
  expect(parse({ proxy: 'https://proxy' })?.proxy).toEqual({ url: 'https://proxy' })
  expect(parse({})).not.toHaveProperty('proxy')
})

test.each([
  [{ proxy: 'proxy:3128' }, /proxy: expected http:\/\/host:3128/],
  [{ proxy: 'socks5://proxy:1080' }, /proxy: expected http:\/\/host:3128/],
  [{ proxy: 'http://us:word@proxy:3128' }, /its login in proxy_username/],
  [{ proxy: 'http://proxy:3128/path' }, /proxy: expected http/],
  [{ proxy_username: 'us' }, /proxy: missing; expected the url/],
  [{ proxy: 'http://proxy', proxy_password: 'word' }, /expected proxy_username beside proxy_password/],
])('%j is refused with the form to use', (lines, message) => {
  expect(() => parse(lines)).toThrow(message)
})

test('a client certificate comes with its key, as text or from files', () => {
  const client = { certificate: one.certificatePem, key: one.keyPem }
  const text = { client_certificate: one.certificatePem, client_key: one.keyPem }
  expect(parse({ tls: text })?.tls.client).toEqual(client)
  expect(parse({ tls: { client_certificate: 'client.pem', client_key: '/etc/n/client.key' } })?.tls.client).toEqual(
    client,
  )
})

test.each([
  [{ client_certificate: 'client.pem' }, /expected client_certificate and client_key together/],
  [{ client_certificate: 'client.pem', client_key: 'missing.key' }, /together, each as PEM text or the path/],
  [{ client_certificate: 'client.pem', client_key: 'other.key' }, /client_key: expected the key of client_certificate/],
  [{ client_certificate: 'client.key', client_key: 'client.pem' }, /expected client_certificate as a PEM certificate/],
])('%j is refused when the file is read, not at the first scan', (tls, message) => {
  expect(() => parse({ tls })).toThrow(message)
})

test('a client certificate for http:// is a mistake', () => {
  const tls = { client_certificate: 'client.pem', client_key: 'client.key' }
  expect(() => parse({ tls }, 'http://n')).toThrow(/client_certificate means nothing for an http:\/\/ url/)
})
