/**
 * What removes each finding of one report: its solution, the package that its
 * output wants at another version, the patch that it names alone, and what the
 * scan's own patch report says for its host.
 */
import { dimensionOf, makeCodes, type Dimension } from '../question/dimensions.ts'
import { eachPairOf } from '../query/finding-view.ts'
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

/** What a plugin says of every host, read once for all its rows. */
interface OfPlugin {
  readonly solutions: readonly string[]
  readonly kbs: readonly string[]
  readonly cves: readonly string[]
}

/** Each of `rows` by the names of what removes it, as one JSON list; an empty list when nothing is told. */
export async function remedyDimension(report: OpenReport, rows: Uint32Array): Promise<Dimension> {
  const { columns, hosts } = report.store
  const codes = makeCodes()
  const read = await pluginReader(report, rows)
  const patches = await patchesOf(report)
  const packages = await packagesOf(report, rows)
  const plain = new Map<number, readonly number[]>()
  const coded = (remedies: Iterable<string>): readonly number[] => [
    codes.of(JSON.stringify([...new Set(remedies)].sort())),
  ]
  return {
    codes(row) {
      const record = columns.detail[row] ?? 0
      const own = patches.get(hosts[columns.host[row] ?? 0]?.same ?? -1)
      const wanted = packages.get(row)
      // Nearly all rows: nothing is known of their host that is not known of every other one's.
      if (own !== undefined || wanted !== undefined) {
        return coded(remediesOf(read(row), { own, wanted, plugin: columns.plugin[row] }))
      }
      let known = plain.get(record)
      if (!known) plain.set(record, (known = coded(remediesOf(read(row), { own, wanted, plugin: undefined }))))
      return known
    },
    label: codes.label,
    load: () => Promise.resolve(),
  }
}

/** The patches of one host by what they are asked for, so that a finding looks at its own alone. */
interface HostPatches {
  readonly labels: ReadonlySet<string>
  readonly byCve: ReadonlyMap<string, readonly HostPatch[]>
  readonly byPlugin: ReadonlyMap<number, readonly HostPatch[]>
}

function makePatches(patches: readonly HostPatch[]): HostPatches {
  const byCve = new Map<string, HostPatch[]>()
  const byPlugin = new Map<number, HostPatch[]>()
  const note = <K>(into: Map<K, HostPatch[]>, key: K, patch: HostPatch): void => {
    const known = into.get(key)
    if (known) known.push(patch)
    else into.set(key, [patch])
  }
  for (const patch of patches) {
    for (const cve of patch.resolves) note(byCve, cve, patch)
    if (patch.plugin !== undefined) note(byPlugin, patch.plugin, patch)
  }
  return { labels: new Set(patches.map(({ label }) => label)), byCve, byPlugin }
}

interface OnHost {
  readonly own: HostPatches | undefined
  readonly wanted: string | undefined
  readonly plugin: number | undefined
}

function remediesOf({ solutions, kbs, cves }: OfPlugin, { own, wanted, plugin }: OnHost): string[] {
  const remedies = [...solutions]
  if (wanted !== undefined) remedies.push(`Update ${wanted}`)
  const here = kbs.length === 1 ? kbs : kbs.filter((kb) => own?.labels.has(`Install ${kb}`))
  if (here.length === 1) remedies.push(`Install ${here[0]}`)
  for (const patch of own?.byCve.get(cves[0] ?? '') ?? []) {
    if (cves.every((cve) => patch.resolves.has(cve))) remedies.push(patch.label)
  }
  if (plugin !== undefined) for (const { label } of own?.byPlugin.get(plugin) ?? []) remedies.push(label)
  return remedies
}

async function pluginReader(report: OpenReport, rows: Uint32Array): Promise<(row: number) => OfPlugin> {
  const solution = await loaded(report, 'solution', rows)
  const cve = dimensionOf(report, field('cve', true))
  const references = [dimensionOf(report, field('mskb', true)), dimensionOf(report, field('xref', true))]
  const known = new Map<number, OfPlugin>()
  return (row) => {
    const record = report.store.columns.detail[row] ?? 0
    let said = known.get(record)
    if (!said) {
      const solutions = namesIn(solution, row).map((text) =>
        text.slice(0, LABEL_CHARS_MAX).replaceAll(/\s+/g, ' ').trim(),
      )
      said = {
        solutions: solutions.filter((label) => label !== '' && label.toLowerCase() !== 'n/a'),
        kbs: knowledgeBase(references.flatMap((dimension) => namesIn(dimension, row))),
        cves: namesIn(cve, row),
      }
      known.set(record, said)
    }
    return said
  }
}

const namesIn = (dimension: Dimension, row: number): string[] =>
  dimension.codes(row).map((code) => String(dimension.label(code)))

async function loaded(report: OpenReport, name: string, rows: Uint32Array): Promise<Dimension> {
  const dimension = dimensionOf(report, field(name))
  const codes = new Set<number>()
  for (const row of rows) for (const code of dimension.codes(row)) codes.add(code)
  await dimension.load(codes)
  return dimension
}

/** `4011574` and `MSKB:4011574` as KB4011574. */
function knowledgeBase(references: readonly string[]): string[] {
  const numbers = references.flatMap((text) => /^(?:MSKB:|KB)?(\d{6,8})$/i.exec(text.trim())?.[1] ?? [])
  return [...new Set(numbers)].map((number) => `KB${number}`)
}

async function patchesOf(report: OpenReport): Promise<Map<number, HostPatches>> {
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
  return new Map([...patches].map(([host, own]) => [host, makePatches(own)]))
}
