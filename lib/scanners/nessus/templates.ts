/** The scanner's templates by name. Their uuids differ between versions and are no RFC 4122 uuids. */
import * as v from 'valibot'
import type { LookOptions, ScannerTemplate } from '../scanner.ts'
import type { Calls } from './call.ts'
import { maybeFlag, maybe } from './lenient.ts'
import { kept } from './kept.ts'
import { readLicence } from './properties.ts'

const Template = v.object({
  uuid: v.string(),
  name: v.string(),
  title: maybe(v.string()),
  desc: maybe(v.string()),
  unsupported: maybeFlag,
  license_fulfilled: maybeFlag,
  is_agent: maybeFlag,
  cloud_only: maybeFlag,
  manager_only: maybeFlag,
})
const TemplateList = v.object({ templates: v.nullish(v.array(Template), []) })

export interface Templates {
  list(options?: LookOptions): Promise<readonly ScannerTemplate[]>
  /** Forgets what is remembered: the scanner may have been upgraded. */
  forget(): void
}

export function makeTemplates({ calls, ...keeping }: { calls: Calls; now: () => number; keptMs: number }): Templates {
  const remembered = kept(() => readTemplates(calls), keeping)
  return {
    async list({ recent = false, all = false } = {}) {
      const templates = await remembered.list({ recent })
      return all ? templates : templates.filter(({ obstacle }) => obstacle === undefined)
    },
    forget: () => remembered.forget(),
  }
}

async function readTemplates(calls: Calls): Promise<ScannerTemplate[]> {
  const call = {
    method: 'GET',
    path: '/editor/scan/templates',
    route: '/editor/scan/templates',
    asked: 'list',
    what: 'list templates',
  } as const
  const { templates } = await calls.read(TemplateList, call)
  const all = templates ?? []
  // Asked only where it decides something.
  const product = all.some((one) => one.manager_only === true) ? (await readLicence(calls)).product : undefined
  return all.map((template) => {
    const { uuid, name, title, desc } = template
    const obstacle = obstacleOf(template, product)
    return { uuid, name, title: title ?? name, description: desc ?? '', ...(obstacle !== undefined && { obstacle }) }
  })
}

/** Only what the scanner says outright keeps a template from running. */
function obstacleOf(template: v.InferOutput<typeof Template>, product: string | undefined): string | undefined {
  if (template.unsupported === true) return 'its version does not support it'
  if (template.license_fulfilled === false) return 'its licence does not cover it'
  if (template.is_agent === true) return 'it is for agents, which are not asked from here'
  if (template.cloud_only === true) return 'it is there for the cloud service alone'
  if (template.manager_only === true && product !== undefined && !/manager/i.test(product)) {
    return `it is there for Nessus Manager alone, and this is ${product}`
  }
  return undefined
}
