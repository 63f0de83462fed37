/**
 * The settings of a call in the words of the scanner's own form: the editor's description of the scan's template says which
 * fields there are, what they may hold, and in which mode they count. What it has no place for is refused, not sent:
 * the scanner would ignore it and say nothing.
 */
import * as v from 'valibot'
import { CallerMistake } from '../../base/errors.ts'
import { didYouMean } from '../../base/near-names.ts'
import { describeValue } from '../../base/our-words.ts'
import { isFormObject, optionWords } from './form-parts.ts'
import { FAMILIES_KEPT, SETTING_IDS, type ScanSetup } from '../../facts/scan-settings.ts'

const DEPTH_MAX = 12
/** The mode of a part of the form in which its single fields count. */
const BY_HAND = 'Custom'
const NAMED_MAX = 60

type Fields = Record<string, string>
export interface FormSettings {
  readonly settings: Fields
  readonly plugins?: Readonly<Record<string, { readonly status: 'enabled' | 'disabled' }>>
}
interface Place {
  readonly input: Readonly<Record<string, unknown>>
  /** What has to be chosen so that the field counts. */
  readonly chosen: Fields
}

/** `form` is the editor's answer for the template. Throws CallerMistake for what it does not have. */
export function formSettings(
  { plugin_families: families, ...settings }: Omit<ScanSetup, 'plugins' | 'audits'>,
  form: unknown,
  template: string,
): FormSettings {
  const parts = isFormObject(form) ? form['settings'] : undefined
  const fields: Fields = {}
  for (const [name, id] of Object.entries(SETTING_IDS) as [keyof typeof SETTING_IDS, string][]) {
    const value = settings[name]
    if (value === undefined) continue
    const place = placeOf(parts, id, {}, 0)
    if (!place) throw mistake(name, `template ${template} has no such setting (${id}) at this scanner`)
    const word = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
    const words = optionWords(place.input)
    if (words.length > 0 && !words.includes(word)) {
      throw mistake(name, `expected one of ${words.slice(0, NAMED_MAX).join(', ')}, got ${describeValue(word)}`)
    }
    Object.assign(fields, place.chosen, { [id]: word })
  }
  return { settings: fields, ...(families !== undefined && { plugins: familiesOf(families, form, template) }) }
}

/** The field called `id`, wherever it is, and the choices on the way to it. */
function placeOf(part: unknown, id: string, chosen: Fields, depth: number): Place | undefined {
  if (depth > DEPTH_MAX) return undefined
  if (Array.isArray(part)) return firstOf(part, (each) => placeOf(each, id, chosen, depth + 1))
  if (!isFormObject(part)) return undefined
  if (part['id'] === id) return { input: part, chosen }
  const own = { ...chosen, ...byHand(part['modes']) }
  const options = Array.isArray(part['options']) ? part['options'] : []
  const inOption = firstOf(options, (option) => {
    const choice = isFormObject(option) && typeof option['name'] === 'string' ? option['name'] : undefined
    if (choice === undefined || typeof part['id'] !== 'string') return undefined
    return placeOf((option as Record<string, unknown>)['inputs'], id, { ...own, [part['id']]: choice }, depth + 1)
  })
  const others = Object.entries(part).flatMap(([key, value]) => (key === 'options' || key === 'modes' ? [] : [value]))
  return inOption ?? firstOf(others, (each) => placeOf(each, id, own, depth + 1))
}

/** A part of the form that has modes counts its single fields in one of them alone. */
function byHand(modes: unknown): Fields {
  if (!isFormObject(modes) || typeof modes['id'] !== 'string') return {}
  return optionWords(modes).includes(BY_HAND) ? { [modes['id']]: BY_HAND } : {}
}

const Families = v.object({ plugins: v.object({ families: v.record(v.string(), v.unknown()) }) })

function familiesOf(wanted: readonly string[], form: unknown, template: string): NonNullable<FormSettings['plugins']> {
  const read = v.safeParse(Families, form)
  const known = read.success ? Object.keys(read.output.plugins.families) : []
  if (known.length === 0) {
    throw mistake('plugin_families', `template ${template} lets nobody choose plugins at this scanner; advanced does`)
  }
  const found = wanted.map((name) => {
    const family = known.find((each) => each.toLowerCase() === name.trim().toLowerCase())
    if (family !== undefined) return family
    const some = `; it has ${known.toSorted().slice(0, NAMED_MAX).join(', ')}`
    throw mistake('plugin_families', `there is no family ${describeValue(name)}${didYouMean(name, known)}${some}`)
  })
  const on = new Set([...found, ...FAMILIES_KEPT])
  return Object.fromEntries(known.map((name) => [name, { status: on.has(name) ? 'enabled' : 'disabled' }]))
}

function mistake(name: string, what: string): CallerMistake {
  const remedy =
    'Start the scan again without that setting, or with a template or policy that has it (list_templates, list_policies).'
  return new CallerMistake(`settings.${name}: ${what}`, remedy)
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
