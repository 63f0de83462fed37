/** The scanner's templates by name. Their uuids differ between versions and are no RFC 4122 uuids. */
import * as v from 'valibot'
import { CallerMistake } from '../../base/errors.ts'
import { didYouMean } from '../../base/near-names.ts'
import type { ScannerTemplate } from '../scanner.ts'
import type { Calls } from './call.ts'

const TemplateList = v.object({
  templates: v.nullish(
    v.array(
      v.object({
        uuid: v.string(),
        name: v.string(),
        title: v.nullish(v.string()),
        desc: v.nullish(v.string()),
        unsupported: v.nullish(v.boolean()),
        license_fulfilled: v.nullish(v.boolean()),
      }),
    ),
    [],
  ),
})

export interface Templates {
  /** Those that this scanner can run under its licence, fresh from the scanner. */
  list(): Promise<ScannerTemplate[]>
  /** The uuid of `name`, from memory when it is there. Throws CallerMistake with near names when there is none. */
  uuidOf(name: string): Promise<string>
  /** Forgets what is remembered: the scanner may have been upgraded. */
  forget(): void
}

export function makeTemplates({
  calls,
  scanner,
  now,
  keptMs,
}: {
  calls: Calls
  scanner: string
  now: () => number
  keptMs: number
}): Templates {
  let kept: { readonly templates: readonly ScannerTemplate[]; readonly untilMs: number } | undefined

  const list = async (): Promise<ScannerTemplate[]> => {
    const call = {
      method: 'GET',
      path: '/editor/scan/templates',
      route: '/editor/scan/templates',
      asked: 'list',
      what: 'list templates',
    } as const
    const { templates } = await calls.read(TemplateList, call)
    const usable = (templates ?? [])
      .filter((template) => template.unsupported !== true && template.license_fulfilled !== false)
      .map(({ uuid, name, title, desc }) => ({ uuid, name, title: title ?? name, description: desc ?? '' }))
    kept = { templates: usable, untilMs: now() + keptMs }
    return usable
  }

  return {
    list,
    async uuidOf(name) {
      const isNamed = (template: ScannerTemplate): boolean => template.name.toLowerCase() === name.toLowerCase()
      const remembered = kept && now() < kept.untilMs ? kept.templates.find(isNamed) : undefined
      if (remembered) return remembered.uuid
      const templates = await list()
      const found = templates.find(isNamed)
      if (found) return found.uuid
      const names = templates.map((template) => template.name)
      const some = names.length > 0 ? `; it has ${names.slice(0, 30).join(', ')}` : ''
      throw new CallerMistake(
        `template: expected one that scanner ${scanner} can run, got ${JSON.stringify(name.slice(0, 80))}${didYouMean(name, names)}${some}`,
        'Start the scan again with a template that list_templates names.',
      )
    },
    forget() {
      kept = undefined
    },
  }
}
