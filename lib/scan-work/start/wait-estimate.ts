/** How long a new scan will wait, as far as the pool's recent scans tell. */
import { scanDurationMs } from '../../scans/duration.ts'
import type { Services } from '../../runtime/services.ts'

const RECENT = 20

/** Minutes until the scan at `position` of the pool's queue is admitted; `null` when nothing is known to judge by. */
export async function estimateWaitMinutes(
  pool: string,
  position: number,
  { scanners, scans }: Pick<Services, 'scanners' | 'scans'>,
): Promise<number | null> {
  const entries = scanners.entries().filter((entry) => entry.pool === pool && entry.enabled)
  const capacity = entries.reduce((sum, entry) => sum + entry.maxConcurrentScans, 0)
  const used = await Promise.all(entries.map((entry) => scans.used(entry.key)))
  const free = capacity - used.reduce((sum, count) => sum + count, 0)
  if (position <= free) return 0
  const { scans: recent } = await scans.list({ status: 'completed', pool, limit: RECENT })
  const durations = recent.flatMap((scan) => scanDurationMs(scan) ?? [])
  if (durations.length === 0 || capacity === 0) return null
  const mean = durations.reduce((sum, ms) => sum + ms, 0) / durations.length
  return Math.ceil((mean * (position - free)) / capacity / 60_000)
}
