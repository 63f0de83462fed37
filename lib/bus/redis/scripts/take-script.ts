/** Takes what is waiting, together with the records it is about: one round trip where reading and looking up make two. */
import { NOT_A_HASH } from '../../keyspace.ts'
import { Script } from './script.ts'

/** One stream entry as read, not yet looked at. */
export interface InboxEntry {
  readonly key: string
  readonly entryId: string
  readonly fields: Readonly<Record<string, string>>
  /** The record of its subject, where it was read along with the event. */
  readonly record?: Readonly<Record<string, string>>
}

/** Lua: `read(inbox, group, consumer, count, records)` gives `{entry id, fields, record's fields}` for each entry taken. */
export const READ_WITH_RECORDS = `
local function read(inbox, group, consumer, count, records)
  -- Without a group this is an error; the blocking read makes the group.
  local reply = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', inbox, '>')
  if not reply or reply.err then return {} end
  local out = {}
  for _, entry in ipairs(reply[1][2]) do
    local fields, record = entry[2], {}
    for i = 1, #fields, 2 do
      if fields[i] == 's' and fields[i + 1] ~= '' then
        -- What is leased must be handed out, also when the key of its record holds another type.
        record = redis.pcall('HGETALL', records .. fields[i + 1])
        if record.err then record = { '${NOT_A_HASH}', 'yes' } end
      end
    end
    out[#out + 1] = { entry[1], fields, record }
  end
  return out
end
`

/**
 *   KEYS     inboxes
 *   ARGV     group, consumer, first part of a record's key, then the room of each inbox
 *   Returns  for each: index of its inbox, entry id, fields, the record's fields
 */
export const TAKE = new Script(`${READ_WITH_RECORDS}
local out = {}
for n, inbox in ipairs(KEYS) do
  for _, row in ipairs(read(inbox, ARGV[1], ARGV[2], ARGV[3 + n], ARGV[3])) do
    out[#out + 1] = { n, unpack(row) }
  end
end
return out
`)

export type TakenRow = [inbox: number, entryId: string, fields: string[], record: string[]]

export function takenEntry(keys: readonly string[], [n, entryId, fields, record]: TakenRow): InboxEntry {
  return { key: keys[n - 1]!, entryId, fields: pairs(fields), record: pairs(record) }
}

/** Field, value, field, value … as an object. */
function pairs(words: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (let i = 0; i < words.length; i += 2) out[words[i]!] = words[i + 1] ?? ''
  return out
}
