const BOTH = 'application/json, text/event-stream'

/** The older protocol refuses requests that do not accept both of its forms; plain `curl` and some clients do not say so. */
export function lenientAccept(request: Request): Request {
  const accept = request.headers.get('accept') ?? ''
  if (request.method !== 'POST' || (accept.includes('application/json') && accept.includes('text/event-stream'))) {
    return request
  }
  const headers = new Headers(request.headers)
  headers.set('accept', BOTH)
  return new Request(request, { headers })
}
