import { expect, it } from 'vitest'
import { tools } from '../../functions/index.ts'
import { mayRepeat, READING_TOOLS } from '../../lib/client/reading-tools.ts'

it('lists exactly the tools that say themselves that they only read', () => {
  const reading = tools.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name)
  expect(
    [...READING_TOOLS].sort(),
    'READING_TOOLS in lib/client/reading-tools.ts names each tool of nature reads',
  ).toEqual(reading.sort())
})

it('repeats what reads, a stop, and what carries a key; nothing else', () => {
  const repeated = tools.map(({ name }) => name).filter((name) => mayRepeat(name, {}))
  expect(repeated.sort()).toEqual([...READING_TOOLS, 'stop_scan'].sort())
  expect(mayRepeat('run_untrusted_scan', { idempotency_key: 'k' })).toBe(true)
  expect(mayRepeat('get_rich_quick', {})).toBe(false)
})
