/** Goal: an error of Redis that lasts is told at once, and one that passes is waited for; no link is thrown away for a mistake. */
import { ErrorReply } from 'redis'
import { expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { isOutOfMemory, isPassing, isSpent } from '../../lib/bus/redis/connection/redis-errors.ts'

const reply = (message: string) => new ErrorReply(message)

test.each([
  ['loading', reply('LOADING Redis is loading the dataset in memory'), true, false],
  ['a replica', reply("READONLY You can't write against a read only replica."), true, true],
  ['moved', reply('MOVED 3999 127.0.0.1:6381'), true, true],
  ['out of memory', reply("OOM command not allowed when used memory > 'maxmemory'."), true, false],
  ['a script under way', reply('BUSY Redis is busy running a script.'), true, false],
  ['wrong password', reply('WRONGPASS invalid username-password pair or user is disabled.'), false, false],
  ['no permission', reply("NOPERM this user has no permissions to run the 'xadd' command"), false, false],
  ['no login', reply('NOAUTH Authentication required.'), false, false],
  [
    'another type under the key',
    reply('WRONGTYPE Operation against a key holding the wrong kind of value'),
    false,
    false,
  ],
  ['an unknown command', reply("ERR unknown command 'XAUTOCLAIM'"), false, false],
  ['a word that only begins alike', reply('LOADINGX'), false, false],
  ['a broken link', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), true, true],
  ['a full queue', new Error('The queue is full'), true, false],
  ['a mistake of ours', new TypeError('x is not a function'), false, false],
  ['a wrong setting', new PermanentError('REDIS_URL: expected redis://'), false, false],
])('%s', (_, error, passes, spent) => {
  expect({ passes: isPassing(error), spent: isSpent(error) }).toEqual({ passes, spent })
})

test('only a reply of the server is out of memory', () => {
  expect([reply('OOM command not allowed'), new Error('OOM command not allowed')].map(isOutOfMemory)).toEqual([
    true,
    false,
  ])
})
