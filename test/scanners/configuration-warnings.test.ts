/** What `config check` says of a configuration that works, and should be known; and that the page about it is true. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseConfiguration } from '../../lib/scanners/configuration/configuration.ts'
import { configurationWarnings } from '../../lib/scanners/configuration/warnings.ts'

const read = (text: string, env: Record<string, string> = {}) =>
  parseConfiguration({ text, file: 'scanners.yaml', env, readFile: () => '' })
const warned = (text: string) => configurationWarnings(read(text))
const scanner = (url: string, more = '') =>
  `lan:\n  - {instance_id: one, url: '${url}', username: u, password: p${more}}`
const credential = (more: string) => `credentials:\n  linux: {username: u, auth_method: password, password: p${more}}`

test.each([
  ['http://scanner.example:8834', [/^lan\/one: http:.* is not encrypted.*use https/]],
  ['http://10.0.0.5:8834', [/is not encrypted/]],
  // Not this machine, though it begins like it.
  ['http://127.0.0.1.example:8834', [/is not encrypted/]],
  ['http://localhost.example:8834', [/is not encrypted/]],
  ['http://127.0.0.1:8834', []],
  ['http://127.8.9.1:8834', []],
  ['http://[::1]:8834', []],
  ['http://localhost:8834', []],
  ['https://scanner.example:8834', []],
])('a scanner at %s', (url, expected) => {
  const warnings = warned(scanner(url))
  expect(warnings).toHaveLength(expected.length)
  for (const [n, pattern] of expected.entries()) expect(warnings[n]).toMatch(pattern)
})

test('a scanner whose certificate is not looked at, though not one that is told to look', () => {
  const url = 'https://scanner.example:8834'
  expect(warned(scanner(url, ', tls: {insecure: true}'))).toEqual([
    expect.stringMatching(/^lan\/one: tls.insecure is true/),
  ])
  expect(warned(scanner(url, ', tls: {insecure: false}'))).toEqual([])
})

test.each([
  ['', [/^credentials\.linux: states no allowed_targets.*is refused/]],
  [', allowed_targets: []', [/^credentials\.linux: its allowed_targets are empty/]],
  [', allowed_targets: [10.0.0.0/8]', []],
])('a credential with {%s}', (more, expected) => {
  const warnings = warned(credential(more))
  expect(warnings).toHaveLength(expected.length)
  for (const [n, pattern] of expected.entries()) expect(warnings[n]).toMatch(pattern)
})

test('the example of the page is read, with all that it says, and nothing is to beware of', () => {
  const page = readFileSync('docs/scanners.md', 'utf8')
  const [, example = ''] = /```yaml\n(credentials:[^`]*)```/.exec(page) ?? []
  const configuration = read(example, { LINUX_PROD_PASSWORD: 'secret' })
  expect(configuration.credentials).toMatchObject([
    {
      name: 'linux-prod',
      allowedTargets: ['10.0.0.0/8', '*.linux.example.org'],
      scanners: ['lan/one', 'dmz'],
      callers: ['nightly', 'alice'],
      credentials: { username: 'audit', password: 'secret' },
    },
  ])
  expect(configurationWarnings(configuration)).toEqual([])
})
