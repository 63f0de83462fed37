/** What people do at a scanner with its own web interface, beside what is under test. */
import { isActive, type SimulatedScan } from './state/scan.ts'
import type { World } from './state/world.ts'

export interface People {
  /** Makes a scan; its id. */
  makeScan(scan?: { readonly name?: string; readonly targets?: string }): number
  /** Copies a scan, under `Copy of <name>` unless told otherwise; the copy's id. Answers undefined when there is none. */
  copyScan(id: number, name?: string): number | undefined
  /** Launches a scan. Answers false when there is none, or it is active. */
  launchScan(id: number): boolean
  renameScan(id: number, name: string): boolean
  /** The ids of all scans. */
  scans(): number[]
}

export function makePeople({ scans, runs, timeline, folders }: World): People {
  const find = (id: number): SimulatedScan | undefined => {
    timeline.now()
    return scans.find(id)
  }
  return {
    makeScan({ name = 'A scan of a person', targets = '192.0.2.200' } = {}) {
      const fields = { name, description: '', targets, templateUuid: '', policyId: undefined, credentials: [] }
      return scans.create({ ...fields, folderId: folders.main().id, outcome: 'none' }, 'person').id
    },
    copyScan(id, name) {
      const scan = find(id)
      return scan && scans.create({ ...scan, name: name ?? `Copy of ${scan.name}` }, 'person').id
    },
    launchScan(id) {
      const scan = find(id)
      if (!scan || isActive(scan)) return false
      runs.launch(id, undefined, 'person')
      return true
    },
    renameScan(id, name) {
      const scan = find(id)
      if (scan) scan.name = name
      return scan !== undefined
    },
    scans: () => [...scans.all()].map(({ id }) => id),
  }
}
