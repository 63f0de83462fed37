import { expect, it } from 'vitest'
import { endpointOf } from '../../lib/client/endpoint.ts'

it.each([
  ['http://127.0.0.1:8836', 'http://127.0.0.1:8836/mcp', 'http://127.0.0.1:8836/scans/import'],
  ['http://127.0.0.1:8836/mcp', 'http://127.0.0.1:8836/mcp', 'http://127.0.0.1:8836/scans/import'],
  [
    'https://scan.example.org/nessus/mcp/?a=b#c',
    'https://scan.example.org/nessus/mcp',
    'https://scan.example.org/nessus/scans/import',
  ],
])('finds the endpoint and the files of %s', (given, mcp, files) => {
  const endpoint = endpointOf(given)
  expect([endpoint.mcp.href, endpoint.beside('scans/import').href]).toEqual([mcp, files])
})

it.each(['localhost:8836', 'ftp://127.0.0.1/mcp', '', 'http://user:secret@127.0.0.1/mcp'])('refuses %s', (given) => {
  expect(() => endpointOf(given)).toThrow(/url: expected/)
  expect(() => endpointOf(given)).not.toThrow(/secret/)
})
