const CAUSES_MAX = 10
const MESSAGE_LENGTH_MAX = 2000

/** The messages of an error and its causes, outermost first. */
export function causeChain(error: unknown): string[] {
  const messages: string[] = []
  let at: unknown = error
  while (at !== undefined && at !== null && messages.length < CAUSES_MAX) {
    const message = at instanceof Error ? at.message || at.name : JSON.stringify(at)
    messages.push(message.slice(0, MESSAGE_LENGTH_MAX))
    at = at instanceof Error ? at.cause : undefined
  }
  return messages
}
