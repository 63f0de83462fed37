import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionError, TaskNotFoundError, TimeoutError, ToolError } from '../../lib/client/index.ts'
import type { ScanStatus } from '../../lib/client/tool-results.ts'
import { type AskStatus, waitForCompletion } from '../../lib/client/wait-for-completion.ts'

const TASK = 'ns_local_20261121_093000_1f2e3d4c'
const QUICK = { pollMs: 1 }

const at = (status: string, progress: number) =>
  ({ task_id: TASK, status, step: 'scanning', progress, queue_position: null, hosts_found: null }) as ScanStatus

/** Answers one after the other, the last one for good; an error is thrown. */
function asking(...answers: (ScanStatus | Error)[]): { ask: AskStatus; waits: number[] } {
  const waits: number[] = []
  const ask: AskStatus = async (_taskId, waitSeconds) => {
    waits.push(waitSeconds)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer === undefined || answer instanceof Error) throw answer
    return answer
  }
  return { ask, waits }
}

afterEach(() => vi.useRealTimers())

describe('waiting for a scan', () => {
  it.each(['completed', 'failed', 'timeout', 'canceled'])('ends when it is %s', async (status) => {
    const { ask } = asking(at('running', 10), at(status, 100))
    expect(await waitForCompletion(ask, TASK)).toMatchObject({ status })
  })

  it('asks at once at first, then in calls that wait for a change, 45 s at most', async () => {
    const { ask, waits } = asking(at('queued', 0), at('running', 10), at('completed', 100))
    await waitForCompletion(ask, TASK, { pollMs: 600_000 })
    expect(waits).toEqual([0, 45, 45])
  })

  it('tells each change once', async () => {
    const seen: (number | null)[] = []
    const { ask } = asking(at('running', 10), at('running', 10), at('running', 20), at('completed', 100))
    await waitForCompletion(ask, TASK, { ...QUICK, onProgress: ({ progress }) => seen.push(progress) })
    expect(seen).toEqual([10, 20, 100])
  })

  it('gives up after its time, naming the scan, which goes on', async () => {
    const { ask } = asking(at('running', 10))
    const error = await waitForCompletion(ask, TASK, { ...QUICK, timeoutMs: 5 }).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ taskId: TASK, timeoutMs: 5 })
  })

  it('outlasts a gateway that restarts', async () => {
    const lost = new ConnectionError('http://gateway.test/mcp', 'gone')
    const nobody = new ToolError('get_scan_status', { code: 'unavailable', message: 'no worker' })
    const { ask } = asking(at('running', 10), lost, nobody, at('completed', 100))
    expect(await waitForCompletion(ask, TASK, QUICK)).toMatchObject({ status: 'completed' })
  })

  it('outlasts two short outages far apart, and gives up in one that lasts', async () => {
    vi.useFakeTimers()
    const startMs = performance.now()
    const outages = [60_000, 500_000]
    let askedMs = 0
    const ask: AskStatus = async () => {
      askedMs = performance.now() - startMs
      const isDown = outages.some((beginMs) => askedMs >= beginMs && askedMs < beginMs + 90_000) || askedMs > 1_000_000
      if (isDown) throw new ConnectionError('http://gateway.test/mcp', 'gone')
      return at('running', 10)
    }
    const waiting = waitForCompletion(ask, TASK, { pollMs: 1000 }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1_300_000)
    expect(await waiting).toBeInstanceOf(ConnectionError)
    expect(askedMs).toBeGreaterThan(1_120_000)
  })

  it('does not wait for a gateway that was never there', async () => {
    const { ask, waits } = asking(new ConnectionError('http://gateway.test/mcp', 'refused'))
    await expect(waitForCompletion(ask, TASK, QUICK)).rejects.toBeInstanceOf(ConnectionError)
    expect(waits).toHaveLength(1)
  })

  it('ends with an error that waiting cannot mend', async () => {
    const { ask } = asking(at('running', 10), new TaskNotFoundError('get_scan_status', TASK, { message: 'deleted' }))
    await expect(waitForCompletion(ask, TASK, QUICK)).rejects.toBeInstanceOf(TaskNotFoundError)
  })

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController()
    const { ask } = asking(at('running', 10))
    const onProgress = () => stop.abort(new Error('enough'))
    await expect(waitForCompletion(ask, TASK, { ...QUICK, signal: stop.signal, onProgress })).rejects.toThrow('enough')
  })
})
