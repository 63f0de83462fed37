/**
 * What the ledger keeps of one scan: who its hosts are, how each was looked at,
 * and what was found, in as few bytes as serve to judge by. It outlives the report.
 * It depends on the report and what was asked of the scan alone: made again, it is the same.
 *
 *   LR1. It is whole or of no use: gzip carries a checksum, and what does not read as written is refused.
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import * as v from 'valibot'
import { REACHES } from '../judge/reach.ts'
import { ACCESSES } from '../store/format.ts'

const [pack, unpack] = [promisify(gzip), promisify(gunzip)]
/** Raise it when the layout changes, or what is kept: an older record is made again where its report is still there. */
export const RECORD_FORMAT = 1
const JSON_BYTES_MAX = 512 * 1024 * 1024

const Count = v.number()
const Text = v.string()

const RecordedHost = v.object({
  name: Text,
  marks: v.record(Text, v.array(Text)),
  start: v.optional(Text),
  reach: v.picklist(REACHES),
  access: v.picklist(ACCESSES),
  /** Places in {@link LookRecord.texts}. */
  ports: v.optional(Count),
  policy: v.optional(Count),
  /** Places in {@link LookRecord.items}, ascending, each as the distance from the one before. */
  items: v.array(Count),
})

/** What a plugin says of itself: id, name, family, type (of check), CVSS, VPR, EPSS, CVEs; names as places in the texts. */
const RecordedPlugin = v.tuple([
  Count,
  Count,
  v.nullable(Count),
  v.nullable(Count),
  v.nullable(Count),
  v.nullable(Count),
  v.nullable(Count),
  v.array(Text),
])

/** Plugin (place), port, protocol (place in the texts), which of several alike on one host, severity. */
const RecordedItem = v.tuple([Count, Count, Count, Count, Count])

const LookRecord = v.object({
  format: v.literal(RECORD_FORMAT),
  task_id: Text,
  scan: Text,
  sha256: Text,
  /** The scan's own date. */
  at: v.nullable(Text),
  /** Whether its run came to its own end. */
  completed: v.boolean(),
  simulated: v.boolean(),
  families: v.record(Text, Text),
  targets: v.array(Text),
  texts: v.array(Text),
  plugins: v.array(RecordedPlugin),
  items: v.array(RecordedItem),
  hosts: v.array(RecordedHost),
})
export type LookRecord = v.InferOutput<typeof LookRecord>
export type RecordedHost = v.InferOutput<typeof RecordedHost>
export type RecordedPlugin = v.InferOutput<typeof RecordedPlugin>

export class RecordUnusable extends Error {
  override readonly name = 'RecordUnusable'
}

export const packRecord = (record: LookRecord): Promise<Buffer> => pack(JSON.stringify(record))

export async function unpackRecord(bytes: Uint8Array): Promise<LookRecord> {
  try {
    const json = await unpack(bytes, { maxOutputLength: JSON_BYTES_MAX })
    return v.parse(LookRecord, JSON.parse(json.toString()))
  } catch (error) {
    throw new RecordUnusable(`it does not read as it was written: ${String(error).slice(0, 200)}`, { cause: error })
  }
}

/** Collects distinct values in the order in which they came. */
export function makeNumbered<T>(keyOf: (value: T) => string | number) {
  const all: T[] = []
  const known = new Map<string | number, number>()
  return {
    all,
    of(value: T): number {
      const key = keyOf(value)
      let place = known.get(key)
      if (place === undefined) {
        place = all.push(value) - 1
        known.set(key, place)
      }
      return place
    },
  }
}
