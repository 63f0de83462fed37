import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'

const SHOWN_CHARS = 80

/** For a list that comes whole: no cursor of it was ever given out, so one that comes is an error, not the first page again. */
export function onOnePage(cursor: string | undefined): void {
  if (cursor === undefined || cursor === '') return
  const shown = JSON.stringify(cursor.slice(0, SHOWN_CHARS))
  const message = `cursor: expected none, since this list comes on one page; got ${shown}. Ask again without it.`
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}
