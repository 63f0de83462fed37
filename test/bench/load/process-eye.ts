/** What the kernel says of other processes: processor time and memory, as `top` shows them. Linux only. */
import { readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10

export interface Usage {
  readonly cpuMs: number
  readonly residentMb: number
}

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpuMs: ticks * TICK_MS, residentMb: Math.round(Number(resident) / 1024) }
}

/** Share of one processor that a process uses from now until the returned function is called, in percent. */
export function watchCpu(pid: number): () => number {
  const startMs = performance.now()
  const before = usageOf(pid).cpuMs
  return () => ((usageOf(pid).cpuMs - before) / (performance.now() - startMs)) * 100
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}
