import type { Services } from '../../runtime/services.ts'

/** More than the log holds. */
const LOG_ENTRIES_MAX = 20_000

/**
 * Removes the folder of a scan that was deleted while something was written into it: whoever writes into a scan's folder
 * calls this afterwards, for its process may have been suspended meanwhile and have written again what was deleted.
 *
 * A record that is gone proves nothing: when Redis lost its data, the folder is all that is left of the scan. That it was
 * deleted is in the log.
 */
export async function removeIfDeleted(
  taskId: string,
  { scans, reports, keyspace, busKeys }: Pick<Services, 'scans' | 'reports' | 'keyspace' | 'busKeys'>,
): Promise<void> {
  // One that cannot be read is there all the same.
  if ((await scans.look([taskId]))[0] !== undefined) return
  const heard = await keyspace.entries(busKeys.log, '-', LOG_ENTRIES_MAX)
  if (heard.some(({ fields }) => fields['task'] === taskId && fields['status'] === 'deleted')) {
    await reports.remove(taskId)
  }
}
