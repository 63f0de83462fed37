/**
 * What removes each finding of one report: its solution, the package that its
 * output wants at another version, the patch that it names alone, and what the
 * scan's own patch report says for its host.
 */
import { dimensionOf, makeCodes, type Dimension } from '../question/dimensions.ts'
import { eachPairOf, isCompliance } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { inventoryTable } from '../inventory/table.ts'
import { packagesOf } from './packages.ts'

const LABEL_CHARS_MAX = 1000

/** A patch of the patch report of one host. */
interface HostPatch {
  readonly label: string
  readonly plugin: number | undefined
  readonly resolves: ReadonlySet<string>
}

const field = (name: string, list = false) => ({ name, type: 'text', list }) as const

/** Each row where `mask` is 1 by the names of what removes it, as one JSON list; an empty list when nothing is told. */
export async function remedyDimension(report: OpenReport, mask: Uint8Array): Promise<Dimension> {
  const codes = makeCodes()
  const codeOf = new Map<number, readonly number[]>()
  const { columns, hosts } = report.store
  const solution = await loaded(report, 'solution', mask)
  const cves = dimensionOf(report, field('cve', true))
  const patchNames = [dimensionOf(report, field('mskb', true)), dimensionOf(report, field('xref', true))]
  const patches = await patchesOf(report)
  const packages = await packagesOf(report, mask)
  const watch = report.pace.watch()
  for (let row = 0; row < mask.length; row++) {
    if (row % 1024 === 0) await watch.rest()
    if (mask[row] !== 1 || isCompliance(report.store, row)) continue
    const remedies = new Set<string>()
    for (const text of namesIn(solution, row)) {
      const label = text.slice(0, LABEL_CHARS_MAX).replaceAll(/\s+/g, ' ').trim()
      if (label !== '' && label.toLowerCase() !== 'n/a') remedies.add(label)
    }
    const wanted = packages.get(row)
    if (wanted) remedies.add(`Update ${wanted}`)
    const own = patches.get(hosts[columns.host[row] ?? 0]?.same ?? -1) ?? []
    const kbs = knowledgeBase(patchNames.flatMap((dimension) => namesIn(dimension, row)))
    const here = kbs.length === 1 ? kbs : kbs.filter((kb) => own.some(({ label }) => label === `Install ${kb}`))
    if (here.length === 1) remedies.add(`Install ${here[0]}`)
    const named = namesIn(cves, row)
    for (const { label, plugin, resolves } of own) {
      const whole = named.length > 0 && named.every((cve) => resolves.has(cve))
      if (whole || plugin === columns.plugin[row]) remedies.add(label)
    }
    codeOf.set(row, [codes.of(JSON.stringify([...remedies].sort()))])
  }
  return { codes: (row) => codeOf.get(row) ?? [], label: codes.label, load: () => Promise.resolve() }
}

const namesIn = (dimension: Dimension, row: number): string[] =>
  dimension.codes(row).map((code) => String(dimension.label(code)))

async function loaded(report: OpenReport, name: string, mask: Uint8Array): Promise<Dimension> {
  const dimension = dimensionOf(report, field(name))
  const codes = new Set<number>()
  for (let row = 0; row < mask.length; row++)
    if (mask[row] === 1) for (const code of dimension.codes(row)) codes.add(code)
  await dimension.load(codes)
  return dimension
}

/** `4011574` and `MSKB:4011574` as KB4011574. */
function knowledgeBase(references: readonly string[]): string[] {
  const numbers = references.flatMap((text) => /^(?:MSKB:|KB)?(\d{6,8})$/i.exec(text.trim())?.[1] ?? [])
  return [...new Set(numbers)].map((number) => `KB${number}`)
}

async function patchesOf(report: OpenReport): Promise<Map<number, HostPatch[]>> {
  const table = inventoryTable(report, 'patches')
  const { columns, count, hosts } = table.store
  const label = dimensionOf(table, { name: 'patch', type: 'words', list: false })
  await label.load(Array.from({ length: count }, (_, row) => label.codes(row)).flat())
  const patches = new Map<number, HostPatch[]>()
  for (let row = 0; row < count; row++) {
    const host = hosts[columns.host[row] ?? 0]?.same ?? -1
    let plugin: number | undefined
    const resolves = new Set<string>()
    eachPairOf(table.store, columns.detail[row] ?? 0, ({ name }, textId) => {
      const text = table.store.shortTexts[textId / 2] ?? ''
      if (name === 'for_plugin') plugin = Number(text)
      else if (name === 'resolves') resolves.add(text)
    })
    const patch = { label: String(label.label(label.codes(row)[0] ?? 0)), plugin, resolves }
    const known = patches.get(host)
    if (known) known.push(patch)
    else patches.set(host, [patch])
  }
  return patches
}
