/** A `fetch` that spreads its calls over gateways as a load balancer does that learns of failures by meeting them: it repeats nothing. */

export interface Balancer {
  /** For one client. */
  fetch(): typeof fetch
  /** Where clients believe the gateway to be. */
  readonly url: string
  /** Calls that met a gateway which was not there, or left in the middle. */
  readonly failures: number
}

export function makeBalancer(gateways: readonly string[]): Balancer {
  const [url = ''] = gateways
  let failures = 0
  let turn = 0
  return {
    url: `${url}/mcp`,
    get failures() {
      return failures
    },
    fetch() {
      let mine = turn++
      return async (input, init) => {
        const asked = new URL(input instanceof Request ? input.url : input)
        const there = new URL(gateways[mine % gateways.length]!)
        asked.host = there.host
        try {
          const response = await fetch(asked, init)
          if (response.status < 500) return response
          failures++
          mine++
          return response
        } catch (error) {
          failures++
          mine++
          throw error
        }
      }
    },
  }
}
