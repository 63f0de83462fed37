/**
 * Making scans on the scanner and finding ours again.
 *
 * A scan of ours is named `<name> [<marker>]`, the marker being the task id, and
 * its description carries the marker too. The list of scans shows names and no
 * descriptions, so an orphan is found in one request; a name that merely looks
 * alike is never adopted, and a copy that a person made is told by its age.
 *
 * Whoever creates has just looked for the marker, in a list that also names the
 * folder for new scans: it is remembered, so that one list serves both.
 */
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import type { Permit } from '../../base/permit.ts'
import type { NewScan, ScanCredentials, Scanner, ScannerScan } from '../scanner.ts'
import type { Call, Calls } from './call.ts'
import { hostCredentials, secretsOf } from './credentials.ts'
import { uploadFile } from './file-upload.ts'
import { scanOf } from './scan-answers.ts'
import type { List } from './scan-list.ts'
import type { Templates } from './templates.ts'

const NAME_CHARACTERS_MAX = 200
/** The scanner that the web interface itself runs on. */
const LOCAL_SCANNER = 1
/** A task id, where a caller gives the marker in the description only. */
const TASK_ID = /\b[a-z]{2,8}_[a-z0-9-]{1,32}_\d{8}_\d{6}_[0-9a-f]{8}\b/i

const CreateAnswer = v.object({ scan: v.object({ id: v.pipe(v.number(), v.integer(), v.minValue(1)) }) })
const Anything = v.unknown()

export type Scans = Pick<Scanner, 'scans' | 'create' | 'findByMarker'>

export function makeScans(deps: ScansDeps): Scans {
  const { list } = deps
  return {
    async scans(): Promise<ScannerScan[]> {
      const { scans } = await list.read()
      return (scans ?? []).map(scanOf)
    },

    create: (scan, permit) => createScan(scan, permit, deps),

    async findByMarker(marker) {
      const { scans, folders } = await list.read()
      const trash = (folders ?? []).filter(({ type }) => type === 'trash').map(({ id }) => id)
      const ours = (scans ?? [])
        .map(scanOf)
        .filter(({ name, folderId }) => name.endsWith(` [${marker}]`) && !trash.includes(folderId ?? -1))
      // A copy bears the name too, and comes later.
      return ours.toSorted((a, b) => a.id - b.id)[0]?.id
    },
  }
}

interface ScansDeps {
  readonly calls: Calls
  readonly templates: Templates
  readonly list: List
  readonly scanner: string
}

async function createScan(
  scan: NewScan,
  permit: Permit | undefined,
  { calls, templates, scanner, list }: ScansDeps,
): Promise<number> {
  const marker = scan.marker ?? TASK_ID.exec(scan.description)?.[0]
  if (marker === undefined) {
    throw new PermanentError(`scanner ${scanner}: expected a marker to find the new scan by, got none`)
  }
  const uuid = await templates.uuidOf(scan.template)
  const folder = await list.mainFolder()
  const credentials = scan.credentials && (await credentialsFor(scan.credentials, uuid, calls))
  const call: Call = {
    method: 'POST',
    path: '/scans',
    route: '/scans',
    asked: 'create',
    what: 'create a scan',
    scanWrite: true,
    permit,
    secrets: scan.credentials ? secretsOf(scan.credentials) : [],
    json: { uuid, settings: settingsFor(scan, { marker, folder }), ...(credentials && { credentials }) },
  }
  try {
    return (await calls.read(CreateAnswer, call)).scan.id
  } catch (error) {
    // An upgrade may have changed the templates' uuids and the folder: the next attempt asks.
    templates.forget()
    list.forget()
    throw error
  }
}

function settingsFor(scan: NewScan, { marker, folder }: { marker: string; folder: number | undefined }): object {
  const { description } = scan
  return {
    name: markedName(scan.name, marker),
    description: description.includes(marker) ? description : `${description}\n${marker}`.trim(),
    text_targets: scan.targets,
    enabled: true,
    launch: 'ON_DEMAND',
    // Launched by itself, so that the run's uuid is known.
    launch_now: false,
    scanner_id: LOCAL_SCANNER,
    ...(folder !== undefined && { folder_id: folder }),
  }
}

async function credentialsFor(credentials: ScanCredentials, templateUuid: string, calls: Calls): Promise<object> {
  const host = await hostCredentials(credentials, {
    upload: (name, content) => uploadFile(calls, name, content),
    template: () => calls.read(Anything, templateCall(templateUuid)),
  })
  return { add: { Host: host }, edit: {}, delete: [] }
}

/** Ends with the marker whatever the length, since the marker is what it is found by. */
function markedName(name: string, marker: string): string {
  return `${name.trim().slice(0, NAME_CHARACTERS_MAX)} [${marker}]`
}

function templateCall(uuid: string): Call {
  return {
    method: 'GET',
    path: `/editor/scan/templates/${encodeURIComponent(uuid)}`,
    route: '/editor/scan/templates/{uuid}',
    asked: 'prepare',
    what: 'read a template',
  }
}
