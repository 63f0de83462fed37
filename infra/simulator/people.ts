/** What people do at a scanner with its own web interface, beside what is under test. */
import { PermanentError } from '../../lib/base/errors.ts'
import { TEMPLATES } from './http/templates.ts'
import type { PolicyFields } from './state/policies.ts'
import { isActive, type SimulatedScan } from './state/scan.ts'
import type { PastRun } from './state/runs.ts'
import type { World } from './state/world.ts'

const DAY_MS = 86_400_000

export interface People {
  /** Makes a scan, in a folder that is made with it where there is none of that name; its id. */
  makeScan(scan?: { readonly name?: string; readonly targets?: string; readonly folder?: string }): number
  /** Gives a scan runs of the past, a day apart, oldest first; their history ids. */
  ranBefore(id: number, runs: { readonly times: number; readonly status?: PastRun['status'] }): number[]
  /** Deletes one run of a scan. Answers false when there is none. */
  deleteRun(id: number, historyId: number): boolean
  /** Copies a scan, under `Copy of <name>` unless told otherwise; the copy's id. Answers undefined when there is none. */
  copyScan(id: number, name?: string): number | undefined
  /** Launches a scan. Answers false when there is none, or it is active. */
  launchScan(id: number): boolean
  renameScan(id: number, name: string): boolean
  /** Saves a policy; its id. Throws PermanentError on an unknown template. */
  makePolicy(policy?: PolicyFields & { readonly template?: string }): number
  /** Answers false when there is none. */
  deletePolicy(id: number): boolean
  renamePolicy(id: number, name: string): boolean
  /** The ids of all scans. */
  scans(): number[]
}

export function makePeople({ scans, runs, timeline, folders, policies }: World): People {
  const find = (id: number): SimulatedScan | undefined => {
    timeline.now()
    return scans.find(id)
  }
  return {
    makeScan({ name = 'A scan of a person', targets = '192.0.2.200', folder } = {}) {
      const fields = { name, description: '', targets, templateUuid: '', policyId: undefined, credentials: [] }
      const known = folder === undefined ? folders.main() : folders.all().find((one) => one.name === folder)
      const { id: folderId } = known ?? folders.add(folder ?? '')
      return scans.create({ ...fields, folderId, outcome: 'none' }, 'person').id
    },
    ranBefore(id, { times, status = 'completed' }) {
      return Array.from({ length: times }, (_, n) => {
        return runs.past(id, { status, endedAgoMs: (times - n) * DAY_MS }).historyId
      })
    },
    deleteRun(id, historyId) {
      const scan = find(id)
      const before = scan?.runs.length
      if (scan) scan.runs = scan.runs.filter((run) => run.historyId !== historyId)
      return scan !== undefined && scan.runs.length !== before
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
    makePolicy({ template = 'advanced', ...fields } = {}) {
      const found = TEMPLATES.find(({ name }) => name === template)
      if (!found) throw new PermanentError(`template: expected one of ${TEMPLATES.map(({ name }) => name).join(', ')}`)
      return policies.add({ templateUuid: found.uuid, ...fields }).id
    },
    deletePolicy: (id) => policies.remove(id),
    renamePolicy(id, name) {
      const policy = policies.find(id)
      if (policy) policy.name = name
      return policy !== undefined
    },
    scans: () => [...scans.all()].map(({ id }) => id),
  }
}
