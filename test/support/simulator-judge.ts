/** What a simulated scanner in another process counted, and the trouble it can be told to make. */

export interface ScanCounts {
  readonly key: string
  readonly name: string
  readonly description: string
  readonly creates: number
  readonly launches: number
  readonly stops: number
  readonly deletes: number
  readonly exports: number
  readonly status: string
  readonly ids: readonly number[]
}

export interface Counts {
  readonly scans: readonly ScanCounts[]
  readonly totals: Readonly<Record<string, number>>
  readonly requests: Readonly<Record<string, number>>
}

export async function readCounts(url: string): Promise<Counts> {
  return (await (await fetch(`${url}/simulator/counts`)).json()) as Counts
}

export interface FaultSpec {
  readonly match?: { readonly method?: string; readonly path?: string }
  readonly times?: number
  readonly probability?: number
  readonly forSeconds?: number
  readonly answer?: string
  readonly action: 'status' | 'answer' | 'reset' | 'hang' | 'delay' | 'truncate' | 'garbage' | 'reset-after-commit'
  readonly status?: number
  readonly delayMs?: number
}

/** The fault's id. */
export async function addFault(url: string, fault: FaultSpec): Promise<number> {
  return ((await (await told(url, 'POST', 'faults', fault)).json()) as { id: number }).id
}

export async function removeFault(url: string, id: number): Promise<void> {
  await told(url, 'DELETE', `faults/${id}`)
}

export async function clearFaults(url: string): Promise<void> {
  await told(url, 'DELETE', 'faults')
}

/** `POST /simulator/<what>`: see infra/simulator/README.md. */
export async function tellSimulator(url: string, what: string, body: object = {}): Promise<void> {
  await told(url, 'POST', what, body)
}

async function told(url: string, method: string, what: string, body?: object): Promise<Response> {
  const response = await fetch(`${url}/simulator/${what}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (!response.ok) throw new Error(`/simulator/${what} answered ${response.status}: ${await response.text()}`)
  return response
}

/** The marker (the task id) that our scans carry on the last line of their description. */
export function markerOf({ description }: ScanCounts): string {
  return description.split('\n').at(-1) ?? ''
}
