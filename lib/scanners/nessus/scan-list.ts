/**
 * The scanner's list of scans, read whole or not at all: it decides what is gone
 * and what of ours is there, so a list that lacks its parts is no list.
 */
import type * as v from 'valibot'
import type { Calls } from './call.ts'
import { ScanListAnswer } from './scan-answers.ts'

export interface List {
  /** Always asked anew: what was made a moment ago must be found. */
  read(): Promise<v.InferOutput<typeof ScanListAnswer>>
  /** Whether it has this scan, in whatever folder. */
  has(id: number): Promise<boolean>
  /** Where new scans go, as the last list had it; `undefined` when it named no such folder. */
  mainFolder(): Promise<number | undefined>
  /** The next {@link mainFolder} asks. */
  forget(): void
}

export function makeScanList(calls: Calls): List {
  let main: number | undefined
  const read = async () => {
    const call = { method: 'GET', path: '/scans', route: '/scans', asked: 'list', what: 'list its scans' } as const
    const list = await calls.read(ScanListAnswer, call)
    main = (list.folders ?? []).find(({ type }) => type === 'main')?.id
    return list
  }
  return {
    read,
    async has(id) {
      return ((await read()).scans ?? []).some((scan) => scan.id === id)
    },
    async mainFolder() {
      if (main === undefined) await read()
      return main
    },
    forget: () => void (main = undefined),
  }
}
