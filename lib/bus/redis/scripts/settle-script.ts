/** The one script that changes anything: guards, then writes, then posts, then the acknowledgements. */
import { PermanentError } from '../../../base/errors.ts'
import type { Delivery, Post } from '../../bus.ts'
import { GROUP, KEY } from '../../keys.ts'
import type { Guard, Transaction, Write } from '../../transaction.ts'
import { APPEND } from './append-script.ts'
import { Script } from './script.ts'
import { READ_WITH_RECORDS, type TakenRow } from './take-script.ts'

/** Lua's `unpack` fails above about 8000 values, in the middle of a script that has no rollback. */
const WORDS_MAX = 4000

/**
 *   KEYS     the inboxes the deliveries came from; for a publish, any key of ours, then the marks of the events it remembers
 *   ARGV     prefix, group, consumer, first part of a record's key, then what is to be settled, each:
 *            how many words follow, position of its inbox in KEYS, entry id ('' for a publish), deliveries,
 *            '1' to take the next event of its inbox in the same step, else ''
 *            guards: count, then kind, key, field, value each
 *            writes: count, then number of words and the words each
 *            posts: count, then function, event id, subject, delay ms, attempt, first failure ('' | 'now' | ms),
 *                   how long to remember its id (ms, 0 for not at all), envelope each
 *   Returns  for each: 1 settled, 0 fenced, -n when guard n refused, or the error that ended it;
 *            then the next events, each: position of its inbox in KEYS, entry id, fields, the record's fields
 *
 * Each is all or nothing by itself, and one that fails does not keep its neighbours from being settled.
 * A publish whose events are all known already was carried out before, and only its answer was lost: it does nothing, so
 * that its guards do not refuse what they themselves let through.
 * The envelope is passed through as it came: cjson would turn `[]` into `{}` and lose big numbers.
 * Everything that can refuse comes before the first write: Lua has no rollback.
 */
const BODY = `${READ_WITH_RECORDS}${APPEND}local prefix, group, consumer, records = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function carry_out(inbox, entry, deliveries, at)
  if entry ~= '' then
    -- Without a group (deleted, flushed) this is an error, which is a table without elements.
    local held = redis.pcall('XPENDING', inbox, group, entry, entry, 1)
    if #held == 0 or held[1][2] ~= consumer or held[1][4] ~= deliveries then
      redis.pcall('HINCRBY', prefix .. '${KEY.counters}', 'fenced', 1)
      return 0
    end
  elseif #KEYS > 1 then
    if redis.call('EXISTS', unpack(KEYS, 2)) == #KEYS - 1 then return 1 end
  end

  local guards = tonumber(ARGV[at])
  at = at + 1
  for n = 1, guards do
    local kind, key, field, value = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    at = at + 4
    local holds
    if kind == 'field' then holds = (redis.call('HGET', key, field) or '') == value
    elseif kind == 'field-among' then
      holds = string.find(value, '|' .. (redis.call('HGET', key, field) or '') .. '|', 1, true) ~= nil
    elseif kind == 'room' then holds = redis.call('SCARD', key) < tonumber(value)
    elseif kind == 'exists' then holds = redis.call('EXISTS', key) == 1
    else holds = redis.call('EXISTS', key) == 0 end
    if not holds then return -n end
  end

  local writes = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, writes do
    local words = tonumber(ARGV[at])
    redis.call(unpack(ARGV, at + 1, at + words))
    at = at + words + 1
  end

  local posts = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, posts do
    local to, id, subject, delay = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
    local attempt, first, remember, body = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7]
    at = at + 8
    if first == 'now' then first = string.format('%d', now()) end
    if remember == '0' or redis.call('SET', prefix .. '${KEY.seen}' .. id .. '@' .. to, 1, 'NX', 'PX', remember) then
      if delay > 0 then
        local member = id .. '@' .. to
        redis.call('ZADD', prefix .. '${KEY.delayed}', now() + delay, member)
        redis.call('HSET', prefix .. '${KEY.delayedBodies}', member, attempt .. ' ' .. first .. ' ' .. subject .. '\\n' .. body)
      else
        append(prefix .. '${KEY.inbox}' .. to, id, subject, attempt, first, body)
      end
    end
  end
  return 1
end

local codes, ended, wanted, taken, at = {}, {}, {}, {}, 5
while ARGV[at] do
  local n, entry = tonumber(ARGV[at + 1]), ARGV[at + 2]
  local done, code = pcall(carry_out, KEYS[n], entry, tonumber(ARGV[at + 3]), at + 5)
  if done and code == 1 and entry ~= '' then
    local entries = ended[n] or {}
    entries[#entries + 1] = entry
    ended[n] = entries
    if ARGV[at + 4] ~= '' then wanted[n] = (wanted[n] or 0) + 1 end
  end
  codes[#codes + 1] = done and code or (type(code) == 'table' and code.err or tostring(code))
  at = at + 1 + tonumber(ARGV[at])
end
for n, entries in pairs(ended) do
  redis.call('XACK', KEYS[n], group, unpack(entries))
  redis.call('XDEL', KEYS[n], unpack(entries))
  if wanted[n] then
    for _, row in ipairs(read(KEYS[n], group, consumer, wanted[n], records)) do taken[#taken + 1] = { n, unpack(row) } end
  end
end
return { codes, taken }
`

/** Work that was taken on is finished whatever the memory. */
export const SETTLE = new Script(BODY)
/** What begins something that stays has to wait for memory. */
export const SETTLE_NEW = new Script(BODY, { grows: true })

export type SettleAnswer = [codes: (number | string)[], taken: TakenRow[]]

/** One settlement as the script is told of it. */
export interface SettlementWords {
  readonly inbox: string
  /** None for a publish. */
  readonly delivery?: Delivery
  readonly wantsNext?: boolean
  /** As {@link settleWords} makes them. */
  readonly words: readonly string[]
}

/** The keys and arguments of the script for these settlements; `marks` are those of a publish. */
export function scriptArguments(
  { prefix, consumer, recordPrefix }: { prefix: string; consumer: string; recordPrefix: string },
  settlements: readonly SettlementWords[],
  marks: readonly string[] = [],
): { keys: string[]; args: string[] } {
  const keys: string[] = []
  const args = [prefix, GROUP, consumer, recordPrefix]
  for (const { inbox, delivery, wantsNext = false, words } of settlements) {
    if (!keys.includes(inbox)) keys.push(inbox)
    args.push(String(words.length + 4), String(keys.indexOf(inbox) + 1), delivery?.entryId ?? '')
    args.push(String(delivery?.deliveries ?? 0), wantsNext ? '1' : '', ...words)
  }
  keys.push(...marks)
  return { keys, args }
}

/** What a settlement checks, writes and posts; of a delivery, or of a publish, whose event ids are remembered for `rememberMs`. */
export function settleWords(
  { guards, writes }: Transaction,
  posts: readonly Post[],
  from: Delivery | { rememberMs: number },
): string[] {
  const words = [String(guards.length)]
  for (const guard of guards) words.push(guard.if, guard.key, ...guardOperands(guard))
  words.push(String(writes.length))
  for (const write of writes) {
    if (write.length > WORDS_MAX) throw tooLong(write)
    words.push(String(write.length), ...write)
  }
  words.push(String(posts.length))
  for (const post of posts) {
    const rememberMs = 'entryId' in from || post.again ? 0 : from.rememberMs
    words.push(post.to, post.event.id, post.event.subject ?? '', delayOf(post))
    words.push(String(post.attempt), String(post.firstFailureAt ?? ''))
    words.push(String(rememberMs), JSON.stringify(post.event))
  }
  return words
}

/** A delay that is no number would make an event due at once, or never. */
function delayOf({ to, event, delayMs }: Post): string {
  if (Number.isFinite(delayMs) && delayMs >= 0) return String(Math.ceil(delayMs))
  throw new PermanentError(`post of ${event.type} to ${to}: expected a delay of 0 ms or more, got ${delayMs}`)
}

function tooLong(write: Write): PermanentError {
  return new PermanentError(
    `${write[0]} ${write[1]}: expected at most ${WORDS_MAX} words, got ${write.length}; split the write`,
  )
}

function guardOperands(guard: Guard): [field: string, value: string] {
  switch (guard.if) {
    case 'field':
      return [guard.field, guard.is]
    case 'field-among':
      return [guard.field, guard.among.length === 0 ? '' : `|${guard.among.join('|')}|`]
    case 'room':
      return ['', String(guard.below)]
    case 'exists':
    case 'absent':
      return ['', '']
  }
}
