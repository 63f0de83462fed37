/** A scan has one name in all lines of the log, so that one search finds all that happened to it. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const files = ['lib', 'functions', 'infra'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('simulator'))
    .map((name) => `${root}/${name}`),
)
/** A call of the log up to the end of its statement. */
const CALL = /\b(?:log|#log)\.(?:debug|info|warn|error)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g
const OTHER_NAME = /\b(?:task|taskId|scan_id|scanId|marker)\b\s*[:,}]/

test('task_id is the only name of a scan in a log line', () => {
  const calls = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(CALL)].map(([call]) => `${file}: ${call}`),
  )
  expect(calls.length).toBeGreaterThan(40)
  expect(calls.filter((call) => OTHER_NAME.test(call.replaceAll(/task_id: [\w.]+/g, '')))).toEqual([])
})
