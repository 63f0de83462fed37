/**
 * The scripts of the session store. A session is there while the index has it,
 * not older than the idle time, and its record exists; both lapse by themselves.
 */
import { Script } from '../../lib/bus/redis/scripts/script.ts'

const NOW = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
`

/**
 * Opens a session. A caller who has as many as one may have loses one: one that was never used since it was opened (it
 * stands in the caller's index as if unused for half the idle time), else the one unused for longest.
 *
 *   KEYS     record, index, caller's index, news
 *   ARGV     id, caller, client, idle ms, max, spared ms, max of the caller, what a record's key begins with, news max
 *   Returns  1, or 0 when there is no room
 */
export const OPEN = new Script(
  `${NOW}
local idle, spared = tonumber(ARGV[4]), tonumber(ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - idle)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - idle * 1.5)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then
  local own = redis.call('ZRANGE', KEYS[3], 0, 0)[1]
  redis.call('DEL', ARGV[8] .. own)
  redis.call('ZREM', KEYS[2], own)
  redis.call('ZREM', KEYS[3], own)
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[9], '*', 'session', own, 'kind', 'ended', 'value', '')
  redis.call('PEXPIRE', KEYS[4], idle)
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  if not oldest[1] or tonumber(oldest[2]) > now - spared then return 0 end
  redis.call('ZREM', KEYS[2], oldest[1])
end
redis.call('HSET', KEYS[1], 'caller', ARGV[2], 'client', ARGV[3])
redis.call('PEXPIRE', KEYS[1], idle)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], idle)
redis.call('ZADD', KEYS[3], now - idle / 2, ARGV[1])
redis.call('PEXPIRE', KEYS[3], idle)
return 1
`,
  { grows: true },
)

/**
 * Marks a session as used.
 *
 *   KEYS     record, index, caller's index
 *   ARGV     id, caller, idle ms, fresh ms
 *   Returns  the client, or nil when there is no such session of this caller
 */
export const USE = new Script(`${NOW}
local idle = tonumber(ARGV[3])
local used = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0)
local found = redis.call('HMGET', KEYS[1], 'caller', 'client')
if used <= now - idle or found[1] ~= ARGV[2] then return nil end
if used < now - tonumber(ARGV[4]) then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], idle)
  redis.call('PEXPIRE', KEYS[2], idle)
  used = now
end
if used > tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or 0) then
  redis.call('ZADD', KEYS[3], used, ARGV[1])
  redis.call('PEXPIRE', KEYS[3], idle)
end
return found[2]
`)

/**
 * Marks sessions as used.
 *
 *   KEYS     index, records
 *   ARGV     idle ms, what a caller's index begins with, ids
 *   Returns  the ids of those that are gone
 */
export const RENEW = new Script(`${NOW}
local idle, gone = tonumber(ARGV[1]), {}
for i = 2, #KEYS do
  local id = ARGV[i + 1]
  local used = tonumber(redis.call('ZSCORE', KEYS[1], id) or 0)
  if used > now - idle and redis.call('PEXPIRE', KEYS[i], idle) == 1 then
    redis.call('ZADD', KEYS[1], now, id)
    local own = ARGV[2] .. redis.call('HGET', KEYS[i], 'caller')
    redis.call('ZADD', own, 'XX', now, id)
    redis.call('PEXPIRE', own, idle)
  else
    gone[#gone + 1] = id
  end
end
redis.call('PEXPIRE', KEYS[1], idle)
return gone
`)

/**
 * Adds an address to those that a session is subscribed to, and tells all gateways.
 *
 *   KEYS     record, index, news
 *   ARGV     id, uri, fields max, idle ms, news max
 *   Returns  `done`, `gone` or `full`
 */
export const SUBSCRIBE = new Script(
  `
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) or redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
local field = 'uri:' .. ARGV[2]
if redis.call('HEXISTS', KEYS[1], field) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 'full' end
redis.call('HSET', KEYS[1], field, '')
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'session', ARGV[1], 'kind', 'subscribed', 'value', ARGV[2])
redis.call('PEXPIRE', KEYS[3], tonumber(ARGV[4]))
return 'done'
`,
  { grows: true },
)

/**
 * Takes an address from those that a session is subscribed to, and tells all gateways.
 *
 *   KEYS     record, news
 *   ARGV     id, uri, idle ms, news max
 *   Returns  nothing
 */
export const UNSUBSCRIBE = new Script(`
if redis.call('HDEL', KEYS[1], 'uri:' .. ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', 'session', ARGV[1], 'kind', 'unsubscribed', 'value', ARGV[2])
redis.call('PEXPIRE', KEYS[2], tonumber(ARGV[3]))
return 1
`)

/**
 * Ends a session, and tells all gateways.
 *
 *   KEYS     record, index, news, caller's index
 *   ARGV     id, caller, idle ms, news max
 *   Returns  1, or 0 when there was no such session of this caller
 */
export const END = new Script(`${NOW}
local idle = tonumber(ARGV[3])
local used = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0)
if used <= now - idle or redis.call('HGET', KEYS[1], 'caller') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'session', ARGV[1], 'kind', 'ended', 'value', '')
redis.call('PEXPIRE', KEYS[3], idle)
return 1
`)

/**
 * Tells all gateways of a session.
 *
 *   KEYS     news
 *   ARGV     id, kind, value, idle ms, news max
 *   Returns  nothing
 */
export const TELL = new Script(`
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '*', 'session', ARGV[1], 'kind', ARGV[2], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[4]))
`)

/**
 * Counts the sessions.
 *
 *   KEYS     index
 *   ARGV     idle ms
 *   Returns  how many there are
 */
export const COUNT = new Script(`${NOW}
return redis.call('ZCOUNT', KEYS[1], '(' .. (now - tonumber(ARGV[1])), '+inf')
`)
