/**
 * Single plugins of a scan: all else is off, but for what was left on by family and for the families that tell how a scan
 * went. A family of which some are on is sent with every one of its plugins, since what is left out stays as it was.
 */
import * as v from 'valibot'
import { CallerMistake } from '../../base/errors.ts'
import { FAMILIES_KEPT } from '../../facts/scan-settings.ts'
import { parseJson } from './answer-table.ts'
import type { Calls } from './call.ts'
import { isFormObject, memberOf } from './form-parts.ts'

const Id = v.pipe(v.number(), v.integer(), v.minValue(0))
const Plugin = v.object({ family_name: v.pipe(v.string(), v.nonEmpty()) })
const Family = v.object({ plugins: v.array(v.object({ id: Id })) })

const REMEDY =
  'Start the scan again without that plugin, or with a template that lets plugins be chosen, such as advanced.'

type Status = 'enabled' | 'disabled'
export type ChosenPlugins = Readonly<
  Record<string, { readonly status: Status | 'mixed'; readonly individual?: Readonly<Record<string, Status>> }>
>

interface Asked {
  readonly ids: readonly number[]
  /** What was chosen by family. */
  readonly families: ChosenPlugins | undefined
  readonly form: unknown
  readonly template: string
}

/** Throws CallerMistake for a plugin that the scanner does not know, and where nobody may choose plugins. */
export async function withSinglePlugins(
  { ids, families, form, template }: Asked,
  calls: Calls,
): Promise<ChosenPlugins> {
  const known = memberOf(memberOf(form, 'plugins'), 'families')
  const names = isFormObject(known) ? Object.keys(known) : []
  if (names.length === 0) {
    throw new CallerMistake(`settings.plugins: template ${template} lets nobody choose plugins at this scanner`, REMEDY)
  }
  const off = names.map((name) => [name, { status: FAMILIES_KEPT.includes(name) ? 'enabled' : 'disabled' }] as const)
  const chosen: Record<string, ChosenPlugins[string]> = families ? { ...families } : Object.fromEntries(off)
  for (const [name, wanted] of await byFamily(ids, names, calls)) {
    if (chosen[name]?.status === 'enabled') continue
    const all = await pluginsOf(name, memberOf(memberOf(known, name), 'id'), calls)
    const individual = Object.fromEntries(
      [...new Set([...all, ...wanted])].map((id) => [String(id), wanted.has(id) ? 'enabled' : 'disabled'] as const),
    )
    chosen[name] = { status: 'mixed', individual }
  }
  return chosen
}

async function byFamily(
  ids: readonly number[],
  names: readonly string[],
  calls: Calls,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const found = new Map<string, Set<number>>()
  for (const id of new Set(ids)) {
    const answer = await calls.send({
      method: 'GET',
      path: `/plugins/plugin/${id}`,
      route: '/plugins/plugin/{id}',
      asked: 'look',
      what: 'read a plugin',
    })
    const read = answer.meaning === 'done' ? v.safeParse(Plugin, parseJson(answer.text)) : undefined
    const family = read?.success ? read.output.family_name : undefined
    if (family === undefined || !names.includes(family)) {
      const why =
        family === undefined ? 'this scanner knows no such plugin' : `its family ${family} cannot be chosen here`
      throw new CallerMistake(`settings.plugins: ${id}: ${why}`, REMEDY)
    }
    found.set(family, (found.get(family) ?? new Set()).add(id))
  }
  return found
}

async function pluginsOf(name: string, id: unknown, calls: Calls): Promise<number[]> {
  if (typeof id !== 'number' && typeof id !== 'string') {
    throw new CallerMistake(`settings.plugins: this scanner does not tell the plugins of ${name}`, REMEDY)
  }
  const { plugins } = await calls.read(Family, {
    method: 'GET',
    path: `/plugins/families/${encodeURIComponent(String(id))}`,
    route: '/plugins/families/{id}',
    asked: 'prepare',
    what: 'list the plugins of a family',
  })
  return plugins.map((plugin) => plugin.id)
}
