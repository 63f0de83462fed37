/**
 * How an event lies in an inbox, one stream entry each:
 *
 *   id  the event's id        s  its subject, or ''        e  its envelope, as JSON
 *   a   the attempt, f  its first failure in ms: both left out for an event that has not failed
 */

/** Lua: `append(inbox, id, subject, attempt, first failure, envelope)`. */
export const APPEND = `
local function append(inbox, id, subject, attempt, first, body)
  if attempt == '1' and first == '' then redis.call('XADD', inbox, '*', 'id', id, 's', subject, 'e', body)
  else redis.call('XADD', inbox, '*', 'id', id, 's', subject, 'a', attempt, 'f', first, 'e', body) end
end
`
