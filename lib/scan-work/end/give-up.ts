/**
 * Giving up, by name, a scan whose stop is not confirmed: an operator says that it
 * need not be waited for. Its place is free from then on. Its clean-up goes on
 * trying to stop it, as long as a scan may take, wherever it may still run.
 */
import { Refusal } from '../../base/errors.ts'
import type { Bus, Post } from '../../bus/bus.ts'
import { newEvent } from '../../bus/event.ts'
import { postsTo, type Routes } from '../../runtime/routes.ts'
import { compileChange, update } from '../../scans/change.ts'
import { scannerKey, type Scan } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Scans } from '../../scans/scans.ts'

export interface GiveUpDeps {
  readonly bus: Bus
  readonly scans: Pick<Scans, 'get'>
  readonly scanKeys: ScanKeys
  readonly routes: Routes
  readonly randomHex: (bytes: number) => string
}

/** Ends the scan as what it was stopped for, and says in its record that nobody saw it stop. Throws Refusal when it is not stopping. */
export async function giveUpScan(taskId: string, who: string, deps: GiveUpDeps): Promise<Scan> {
  const { bus, scans, scanKeys, routes } = deps
  for (;;) {
    const scan = await scans.get(taskId)
    if (!scan) throw new Refusal('not_found', `There is no scan ${taskId}.`, { task_id: taskId })
    // One whose stop is confirmed has its report fetched: nothing of it runs on that would have to be given up.
    if (scan.status !== 'running' || scan.step !== 'stopping' || !scan.stopping) {
      const message = `Scan ${taskId} is ${scan.status}${scan.status === 'running' ? ` (${scan.step})` : ''}; only one that is being stopped can be given up. Stop it first.`
      throw new Refusal('conflict', message, { task_id: taskId, status: scan.status })
    }
    const given = givenUp(scan, scan.stopping.as, who, bus.now())
    const result = await bus.publish(ends(scan, deps), compileChange(given, scanKeys, bus.keys))
    if (result === 'settled') return { ...scan, ...given.after }
    // It has changed between the look and the step: look again.
  }

  function ends(scan: Scan, { randomHex }: GiveUpDeps): Post[] {
    const event = newEvent({
      id: `give-up-${randomHex(12)}`,
      type: 'scan.ended',
      source: 'give-up',
      subject: scan.task_id,
      now: bus.now(),
      data: { pool: scan.scanner_pool },
    })
    return postsTo(routes, event)
  }
}

function givenUp(scan: Scan, as: NonNullable<Scan['stopping']>['as'], who: string, now: Date) {
  const where = scannerKey(scan) ?? 'its scanner'
  const id = scan.scanner_scan_id === undefined ? '' : ` as scan ${scan.scanner_scan_id}`
  return update(scan, {
    status: as,
    step: 'done',
    ended_at: now.toISOString(),
    next: undefined,
    trouble: undefined,
    failure: {
      step: 'stop',
      message: `given up by ${who} before it was seen to have stopped: it may still run at ${where}${id}${scan.trouble ? `. ${scan.trouble.message}` : ''}`,
      remedy: `Look at ${where} whether it still runs there, and stop it by hand if so.`,
    },
  })
}
