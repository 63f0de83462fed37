import type { Scanner } from '../../scanners/scanner.ts'

/** A create that died on its way may have left one more; that there are many is a scanner that does not remove. */
const TWINS_MAX = 5

/** Removes a scan of ours from its scanner, and any twin under the same marker that a dying worker left there. */
export async function removeMarked(scanner: Scanner, marker: string, known: number | undefined): Promise<void> {
  let id = known ?? (await scanner.findByMarker(marker))
  for (let removed = 0; id !== undefined && removed < TWINS_MAX; removed++) {
    await scanner.remove(id)
    id = await scanner.findByMarker(marker)
  }
}
