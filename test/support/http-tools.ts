/** Tool calls over plain HTTP, as a script makes them. */

export interface ToolAnswer {
  readonly status: number
  /** The result, or `{error}`. */
  readonly body: Readonly<Record<string, unknown>>
}

const CALL_MAX_MS = 70_000

/** Calls a tool. Throws only when the gateway cannot be reached or does not answer in time. */
export async function callTool(
  url: string,
  tool: string,
  args: object,
  options: { timeoutMs?: number; headers?: Record<string, string> } = {},
): Promise<ToolAnswer> {
  const response = await fetch(`${url}/tools/${tool}`, {
    method: 'POST',
    body: JSON.stringify(args),
    headers: { 'content-type': 'application/json', ...options.headers },
    signal: AbortSignal.timeout(options.timeoutMs ?? CALL_MAX_MS),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, body: isJson ? (JSON.parse(text) as ToolAnswer['body']) : { text } }
}

/** The result of a call that must succeed. */
export async function resultOf(url: string, tool: string, args: object): Promise<ToolAnswer['body']> {
  const { status, body } = await callTool(url, tool, args)
  if (status !== 200) throw new Error(`${tool} answered ${status}: ${JSON.stringify(body)}`)
  return body
}

/** Starts a scan from outside; its task id. */
export async function submit(url: string, args: object): Promise<string> {
  return String((await resultOf(url, 'run_untrusted_scan', args))['task_id'])
}

/** The status of a scan once it has ended. */
export async function ended(url: string, taskId: string): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const status = await resultOf(url, 'get_scan_status', { task_id: taskId, wait_seconds: 20 })
    if (status['status'] !== 'queued' && status['status'] !== 'running') return status
  }
}

/** `{"error": {"message"}}` of an answer. */
export function errorOf({ body }: ToolAnswer): { code: string; message: string } {
  return body['error'] as { code: string; message: string }
}
