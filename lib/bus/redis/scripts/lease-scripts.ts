/** The scripts that keep time and leases. All judge by Redis's own clock. */
import { KEY } from '../../keys.ts'
import { APPEND } from './append-script.ts'
import { Script } from './script.ts'

/** Who holds what was handed back, until somebody takes it. */
const RELEASED = 'released'

/**
 * Moves due events from the delayed set to their inboxes. Any worker may run it at any time.
 *
 *   KEYS[1]  the delayed set
 *   ARGV     prefix, how many at most
 *   Returns  the time in ms, how many were moved
 */
export const PROMOTE = new Script(`${APPEND}local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, member in ipairs(due) do
  local packed = redis.call('HGET', prefix .. '${KEY.delayedBodies}', member)
  redis.call('ZREM', KEYS[1], member)
  redis.call('HDEL', prefix .. '${KEY.delayedBodies}', member)
  if packed then
    local line = string.find(packed, '\\n', 1, true) or 0
    local attempt, first, subject = string.match(string.sub(packed, 1, line - 1), '^(%d+) (%d*) (.*)$')
    local id, to = string.match(member, '^(.*)@([^@]+)$')
    if attempt and to and line > 0 then
      append(prefix .. '${KEY.inbox}' .. to, id, subject, attempt, first, string.sub(packed, line + 1))
    else
      -- One that cannot be read must not keep the others from being moved.
      redis.call('XADD', prefix .. '${KEY.dead}', '*', 'letter', member, 'function', to or '', 'id', id or '',
        'error', '["a delayed event cannot be read"]', 'e', packed)
      redis.call('HSET', prefix .. '${KEY.openLetters}', member, to or '')
    end
  end
end
return { string.format('%d', now), #due }
`)

/** An inbox without a group (deleted, flushed, not yet joined) holds nothing; it must not keep the others from being served. */
const PENDING = `
local function pending(...)
  local held = redis.pcall('XPENDING', ...)
  return held.err and {} or held
end
`

/**
 * Looks for lapsed leases.
 *
 *   KEYS     inboxes
 *   ARGV     group, lease ms
 *   Returns  1 if any was handed back, 1 if any holder died
 */
export const LAPSED = new Script(`${PENDING}
local released, suspects = 0, 0
for _, inbox in ipairs(KEYS) do
  for _, held in ipairs(pending(inbox, ARGV[1], '-', '+', 100, '${RELEASED}')) do
    if held[4] == 0 then released = 1 break end
  end
  for _, held in ipairs(pending(inbox, ARGV[1], 'IDLE', ARGV[2], '-', '+', 1000)) do
    if held[4] > 0 then suspects = 1 break end
  end
end
return { released, suspects }
`)

/**
 * Takes over lapsed leases: those handed back (their count is 0), up to each inbox's room; or one whose holder died.
 *
 *   KEYS     inboxes
 *   ARGV     group, consumer, lease ms, '1' for one suspect or '0' for those handed back, then the room of each inbox
 *   Returns  for each: index of its inbox, entry id, deliveries, fields
 */
export const CLAIM = new Script(`${PENDING}
local group, consumer, lease, alone = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local out = {}
for n, inbox in ipairs(KEYS) do
  local room = tonumber(ARGV[4 + n])
  local candidates
  if alone then candidates = pending(inbox, group, 'IDLE', lease, '-', '+', 1000)
  else candidates = pending(inbox, group, '-', '+', 1000, '${RELEASED}') end
  for _, held in ipairs(candidates) do
    if room > 0 and alone == (held[4] > 0) then
      local entry = redis.call('XRANGE', inbox, held[1], held[1])
      if #entry == 0 then
        redis.call('XACK', inbox, group, held[1])
      else
        redis.call('XCLAIM', inbox, group, consumer, 0, held[1])
        out[#out + 1] = { n, held[1], held[4] + 1, entry[1][2] }
        room = room - 1
        if alone then return out end
      end
    end
  end
end
return out
`)

/**
 * Renews leases that are still ours, and says which are not. A lease may come with the key by which its event acts alone:
 * an inbox may hold the same event twice, under two entries, and only one of them may do what cannot be undone.
 *
 *   KEYS     the inbox of each lease
 *   ARGV     group, consumer, lease ms, then entry id, deliveries and that key ('' for none) of each lease
 *   Returns  positions (from 1) of the leases that are lost, or whose event another entry acts for
 */
export const BEAT = new Script(`${PENDING}
local lost = {}
for n, inbox in ipairs(KEYS) do
  local entry, deliveries, acting = ARGV[1 + 3 * n], tonumber(ARGV[2 + 3 * n]), ARGV[3 + 3 * n]
  local held = pending(inbox, ARGV[1], entry, entry, 1)
  local ours = #held > 0 and held[1][2] == ARGV[2] and held[1][4] == deliveries
  if ours and acting ~= '' then ours = (redis.call('GET', acting) or entry) == entry end
  if ours then
    redis.call('XCLAIM', inbox, ARGV[1], ARGV[2], 0, entry, 'JUSTID')
    if acting ~= '' then redis.call('SET', acting, entry, 'PX', ARGV[3]) end
  else
    lost[#lost + 1] = n
  end
end
return lost
`)

/**
 * Hands leases back with their count as it was before, for others to take at once, and leaves the groups.
 * A consumer is only deleted when it holds nothing: deleting it drops what it holds.
 *
 *   KEYS     inboxes
 *   ARGV     group, consumer, how many at most from each inbox
 *   Returns  how many are left: run it again while there are any
 */
export const RELEASE = new Script(`${PENDING}
local group, consumer = ARGV[1], ARGV[2]
local left = 0
for _, inbox in ipairs(KEYS) do
  for _, held in ipairs(pending(inbox, group, '-', '+', ARGV[3], consumer)) do
    local count = math.max(held[4] - 1, 0)
    redis.call('XCLAIM', inbox, group, '${RELEASED}', 0, held[1], 'IDLE', 86400000, 'RETRYCOUNT', count, 'JUSTID')
  end
  local more = #pending(inbox, group, '-', '+', 1, consumer)
  left = left + more
  if more == 0 then redis.pcall('XGROUP', 'DELCONSUMER', inbox, group, consumer) end
end
return left
`)

/**
 * Says that this worker hosts these functions, and forgets workers long silent and, when asked, the consumers they left.
 *
 *   KEYS     for each function: its hosting set, its inbox
 *   ARGV     group, consumer, a worker is gone after so many ms, a consumer is forgotten after so many ms of idleness ('' for not now)
 *   Returns  nothing
 */
export const HOST = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for n = 1, #KEYS, 2 do
  redis.call('ZADD', KEYS[n], now, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[n], '-inf', now - tonumber(ARGV[3]))
  local consumers = ARGV[4] ~= '' and redis.pcall('XINFO', 'CONSUMERS', KEYS[n + 1], ARGV[1]) or {}
  for _, row in ipairs(consumers) do
    local of = {}
    for i = 1, #row, 2 do of[row[i]] = row[i + 1] end
    if of.pending == 0 and of.name ~= ARGV[2] and of.idle > tonumber(ARGV[4]) then
      redis.call('XGROUP', 'DELCONSUMER', KEYS[n + 1], ARGV[1], of.name)
    end
  end
end
return 1
`)
