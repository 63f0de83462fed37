/** What people send as a private key: a key that lost its line ends is mended, anything else is told for what it is, and never repeated. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readPrivateKey } from '../../lib/facts/private-key.ts'

const pem = (label: string, bytes = 300) => {
  const body = Buffer.alloc(bytes, 'canary')
    .toString('base64')
    .match(/.{1,64}/g)!
  return [`-----BEGIN ${label}-----`, ...body, `-----END ${label}-----`, ''].join('\n')
}
const opensshBody = (cipher: string) => {
  const name = Buffer.from(cipher)
  const chars = Buffer.alloc(4)
  chars.writeUInt32BE(name.length)
  return Buffer.concat([Buffer.from('openssh-key-v1\0'), chars, name, Buffer.alloc(200, 7)]).toString('base64')
}
const openssh = (cipher: string) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${opensshBody(cipher)
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
const LOCKED = pem('RSA PRIVATE KEY').replace(
  'KEY-----\n',
  'KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n\n',
)
const REAL = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
const WHOLE = [pem('RSA PRIVATE KEY'), pem('PRIVATE KEY'), openssh('none'), String(REAL), LOCKED]

const keyOf = (text: string) => {
  const read = readPrivateKey(text)
  if ('problem' in read) throw new Error(read.problem)
  return read.key
}
const problemOf = (text: string) => {
  const read = readPrivateKey(text)
  return 'problem' in read ? read.problem : 'none'
}

test.each(WHOLE.map((key) => [key.split('\n')[0]!, key]))('%s: a whole key stays as it came', (_label, key) => {
  expect(keyOf(key)).toBe(key)
  expect(keyOf(key.trimEnd())).toBe(key.trimEnd())
})

describe.each<[string, (key: string) => string]>([
  ['line ends written as two characters', (key) => key.replaceAll('\n', '\\n')],
  ['line ends of Windows, written so', (key) => key.replaceAll('\n', '\\r\\n')],
  ['line ends of Windows', (key) => key.replaceAll('\n', '\r\n')],
  ['one line with spaces', (key) => key.trim().replaceAll(/\n+/g, ' ')],
  ['one line without any', (key) => key.trim().replaceAll('\n', '')],
  ['indented lines, as out of YAML', (key) => key.replaceAll(/^/gm, '    ')],
  ['quotes around it', (key) => `"${key.trim().replaceAll('\n', '\\n')}"`],
  ['a mark of its encoding in front', (key) => `\uFEFF${key}`],
  ['words in front', (key) => `Here is the key: ${key}`],
  ['packed as base64', (key) => Buffer.from(key).toString('base64')],
])('%s', (_how, spoil) => {
  test.each(WHOLE.map((key) => [key.split('\n')[0]!, key]))('is mended: %s', (_label, key) => {
    expect(keyOf(spoil(key)).trim()).toBe(key.trim())
  })
})

test('an OpenSSH key that lost its first and last line is mended', () => {
  expect(keyOf(opensshBody('none'))).toBe(openssh('none'))
})

test.each([
  [LOCKED, true],
  [pem('ENCRYPTED PRIVATE KEY'), true],
  [openssh('aes256-ctr'), true],
  [openssh('none'), false],
  [pem('RSA PRIVATE KEY'), false],
])('whether it needs a passphrase is seen', (key, encrypted) => {
  expect(readPrivateKey(key)).toMatchObject({ encrypted })
})

test.each([
  ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5canary ann@host', /a public key; send the private one/],
  ['one of ECDSA', 'ecdsa-sha2-nistp256 AAAAcanary', /a public key/],
  ['one of a security token', 'sk-ssh-ed25519@openssh.com AAAAcanary', /a public key/],
  ['a public key as PEM', pem('RSA PUBLIC KEY'), /a public key/],
  ['a public key of SSH2', '---- BEGIN SSH2 PUBLIC KEY ----\ncanary', /a public key/],
  ['a certificate of SSH', 'ssh-rsa-cert-v01@openssh.com AAAAcanary', /a certificate; it goes into certificate/],
  ['a certificate as PEM', pem('CERTIFICATE'), /a certificate/],
  ['a key of PuTTY', 'PuTTY-User-Key-File-3: ssh-rsa\ncanary', /of PuTTY; convert it/],
  ['a path', '/home/canary/.ssh/id_rsa', /the path of a file; send what is in the file/],
  ['a path of one home', '~/.ssh/canary', /the path of a file/],
  ['a path of Windows', 'C:\\Users\\canary\\key.pem', /the path of a file/],
  ['a name of a file', 'canary.pem', /the path of a file/],
  ['the usual name', 'id_ed25519', /the path of a file/],
  ['a variable', '${canary}', /the path of a file/],
  ['a password', 'canary', /another text/],
  ['one cut at its end', pem('RSA PRIVATE KEY').slice(0, 200), /cut: its END line is missing/],
  ['one with the end of another', pem('RSA PRIVATE KEY').replace('END RSA ', 'END EC '), /cut: its END line/],
  ['one with nothing inside', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----', /nothing inside/],
  ['one that was masked', pem('PRIVATE KEY').replace(/Y2Fu/, '****'), /not base64: it was changed/],
])('%s is refused for what it is', (_what, text, message) => {
  expect(problemOf(text)).toMatch(message)
  expect(problemOf(text)).toMatch(/^expected a private key as PEM/)
  expect(problemOf(text)).not.toContain('canary')
})
