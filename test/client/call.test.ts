import { expect, it } from 'vitest'
import { tools } from '../../functions/index.ts'
import { mayRepeat } from '../../lib/client/call.ts'

it('repeats what reads, a stop, and what carries a key; nothing else', () => {
  const reading = tools.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name)
  const repeated = tools.map(({ name }) => name).filter((name) => mayRepeat(name, {}))
  expect(repeated.sort()).toEqual([...reading, 'stop_scan'].sort())
  expect(mayRepeat('run_untrusted_scan', { idempotency_key: 'k' })).toBe(true)
  expect(mayRepeat('get_rich_quick', {})).toBe(false)
})
