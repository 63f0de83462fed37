/** The one script that changes anything: guards, then writes, then posts, then the acknowledgement. */
import type { Delivery, Post } from '../bus.ts'
import { GROUP } from '../keys.ts'
import type { Guard, Transaction } from '../transaction.ts'
import { Script } from './script.ts'

/**
 *   KEYS[1]  the inbox the delivery came from; for a publish, any key of ours
 *   ARGV     prefix, group, consumer, entry id ('' for a publish), deliveries, how long to remember published ids (ms),
 *            guards: count, then kind, key, field, value each
 *            writes: count, then number of words and the words each
 *            posts: count, then function, event id, delay ms, attempt, first failure ('' | 'now' | ms), envelope each
 *   Returns  1 settled, 0 fenced, -n when guard n refused
 *
 * The envelope is passed through as it came: cjson would turn `[]` into `{}` and lose big numbers.
 * Everything that can refuse comes before the first write: Lua has no rollback.
 */
export const SETTLE = new Script(`
local prefix, group, consumer, entry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local deliveries, remember = tonumber(ARGV[5]), tonumber(ARGV[6])
local at = 7
local function take() at = at + 1 return ARGV[at - 1] end

if entry ~= '' then
  local held = redis.call('XPENDING', KEYS[1], group, entry, entry, 1)
  if #held == 0 or held[1][2] ~= consumer or held[1][4] ~= deliveries then
    redis.call('HINCRBY', prefix .. ':counters', 'fenced', 1)
    return 0
  end
end

for n = 1, tonumber(take()) do
  local kind, key, field, value = take(), take(), take(), take()
  local holds
  if kind == 'field' then holds = (redis.call('HGET', key, field) or '') == value
  elseif kind == 'field-among' then
    holds = string.find(value, '|' .. (redis.call('HGET', key, field) or '') .. '|', 1, true) ~= nil
  elseif kind == 'room' then holds = redis.call('SCARD', key) < tonumber(value)
  elseif kind == 'exists' then holds = redis.call('EXISTS', key) == 1
  else holds = redis.call('EXISTS', key) == 0 end
  if not holds then return -n end
end

for _ = 1, tonumber(take()) do
  local words = tonumber(take())
  redis.call(unpack(ARGV, at, at + words - 1))
  at = at + words
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _ = 1, tonumber(take()) do
  local to, id, delay, attempt, first, body = take(), take(), tonumber(take()), take(), take(), take()
  if first == 'now' then first = string.format('%d', now) end
  if remember == 0 or redis.call('SET', prefix .. ':seen:' .. id .. '@' .. to, 1, 'NX', 'PX', remember) then
    if delay > 0 then
      local member = id .. '@' .. to
      redis.call('ZADD', prefix .. ':delayed', now + delay, member)
      redis.call('HSET', prefix .. ':delayed:body', member, attempt .. ' ' .. first .. '\\n' .. body)
    else
      redis.call('XADD', prefix .. ':in:' .. to, '*', 'id', id, 'a', attempt, 'f', first, 'e', body)
    end
  end
end

if entry ~= '' then
  redis.call('XACK', KEYS[1], group, entry)
  redis.call('XDEL', KEYS[1], entry)
end
return 1
`)

/** The arguments of {@link SETTLE}. Without a delivery it is a publish, and event ids are remembered for `rememberMs`. */
export function settleArguments(
  prefix: string,
  consumer: string,
  transaction: Transaction,
  posts: readonly Post[],
  from: Delivery | { rememberMs: number },
): string[] {
  const args =
    'entryId' in from
      ? [prefix, GROUP, consumer, from.entryId, String(from.deliveries), '0']
      : [prefix, GROUP, consumer, '', '0', String(from.rememberMs)]
  args.push(String(transaction.guards.length))
  for (const guard of transaction.guards) args.push(guard.if, guard.key, ...guardOperands(guard))
  args.push(String(transaction.writes.length))
  for (const write of transaction.writes) args.push(String(write.length), ...write)
  args.push(String(posts.length))
  for (const { to, event, delayMs, attempt, firstFailureAt } of posts) {
    args.push(to, event.id, String(Math.ceil(delayMs)), String(attempt), String(firstFailureAt ?? ''))
    args.push(JSON.stringify(event))
  }
  return args
}

function guardOperands(guard: Guard): [field: string, value: string] {
  switch (guard.if) {
    case 'field':
      return [guard.field, guard.is]
    case 'field-among':
      return [guard.field, `|${guard.among.join('|')}|`]
    case 'room':
      return ['', String(guard.below)]
    case 'exists':
    case 'absent':
      return ['', '']
  }
}
