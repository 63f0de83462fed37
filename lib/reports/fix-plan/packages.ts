/** Which packages a finding wants at another version, as its output says: `Should be : openssl-1.1.1g-3.el8`. */
import { eachPairOf } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'

const WANTED =
  /^[ \t]{0,20}(?:- )?[ \t]{0,20}(?:Should be|Fixed package|Fixed version of package) {0,20}: {0,5}([A-Za-z0-9][\w.+-]{0,100}?)[-_]\d/gm
const NAMES_MAX = 5

/** By row; only rows whose outputs say so. */
export async function packagesOf({ store, texts }: OpenReport, rows: Uint32Array): Promise<Map<number, string>> {
  const outputs = new Map<number, number[]>()
  const known = new Map<number, boolean>()
  for (const row of rows) {
    const record = store.columns.detail[row] ?? 0
    let found = known.get(record)
    if (found === undefined) known.set(record, (found = isPackageCheck(store, record)))
    if (!found) continue
    eachPairOf(store, store.columns.instance[row] ?? 0, ({ name }, textId) => {
      if (name !== 'plugin_output') return
      const rows = outputs.get(textId)
      if (rows) rows.push(row)
      else outputs.set(textId, [row])
    })
  }
  const wanted = new Map<number, string>()
  await texts.each(outputs.keys(), (textId, text) => {
    const names = [...new Set([...text.slice(0, 100_000).matchAll(WANTED)].map(([, name = '']) => name))].sort()
    if (names.length === 0 || names.length > NAMES_MAX) return
    for (const row of outputs.get(textId) ?? []) wanted.set(row, names.join(', '))
  })
  return wanted
}

/** Families of checks of a system's packages are named so. */
function isPackageCheck(store: OpenReport['store'], record: number): boolean {
  let found = false
  eachPairOf(store, record, ({ name }, textId) => {
    found ||= name === 'plugin_family' && (store.shortTexts[textId / 2] ?? '').endsWith('Local Security Checks')
  })
  return found
}
