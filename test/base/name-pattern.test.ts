/** People look for names by a part, or by a pattern with stars. */
import { expect, test } from 'vitest'
import { namePattern } from '../../lib/base/name-pattern.ts'

test.each([
  ['weekly', 'My Weekly scan', true],
  ['', 'anything', true],
  ['weekly*', 'Weekly DMZ', true],
  ['weekly*', 'My weekly', false],
  ['*dmz', 'Weekly DMZ', true],
  ['*dmz', 'DMZ weekly', false],
  ['w*d*z', 'weekly dmz', true],
  ['a*a', 'a', false],
  ['a*ba', 'aba', true],
  ['*b*b*', 'ab', false],
  ['*', '', true],
  ['[a-z]', 'scan [a-z] of ours', true],
  ['a.c*', 'abc', false],
])('%s of %s: %s', (pattern, name, fits) => {
  expect(namePattern(pattern)(name)).toBe(fits)
})
