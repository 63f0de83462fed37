/** Deleting a scan whose record cannot be read, or that is only named somewhere: all that may be of it goes, at its scanner too. */
import type { Services } from '../../runtime/services.ts'
import type { Outcome } from '../../runtime/outcome.ts'
import { eraseTraces } from '../../scans/traces.ts'
import { placesOf } from '../recover/mend-indexes.ts'
import type { Deleted } from './deletion-event.ts'

type Sources = Pick<Services, 'keyspace' | 'scanKeys' | 'scanners'>

/**
 * Takes the record, whatever lies there, out of the store with every trace. Where its scan is at a scanner is not known
 * for certain, so every scanner that is configured forgets what bears its marker.
 */
export async function deleteUnreadable(
  taskId: string,
  { keyspace, scanKeys, scanners }: Sources,
): Promise<Outcome<{ 'scan.deleted': typeof Deleted }>> {
  const hash = await keyspace.hash(scanKeys.scan(taskId))
  const { guards, writes, remnant } = eraseTraces(taskId, hash, placesOf(scanners), scanKeys)
  const name = remnant.name === undefined ? {} : { name: remnant.name }
  const deleted = (more: object) => ({
    type: 'scan.deleted' as const,
    data: { task_id: taskId, ...more },
    subject: null,
  })
  const everywhere = scanners.entries().map(({ key }) => deleted({ scanner: key, ...name }))
  return { emit: everywhere.length > 0 ? everywhere : [deleted({})], also: { guards, writes } }
}
