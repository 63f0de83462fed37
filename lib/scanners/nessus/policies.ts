/** The policies that people saved at the scanner, and what keeps a scan from being made of one. */
import * as v from 'valibot'
import type { LookOptions, ScannerPolicy, ScannerTemplate } from '../scanner.ts'
import type { Calls } from './call.ts'
import { kept } from './kept.ts'
import { maybeFlag, maybe } from './lenient.ts'
import type { Templates } from './templates.ts'

/** 16 may use, 32 may edit, 128 owns; 0 sees it alone. */
const MAY_USE = 16

const Policy = v.object({
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  name: maybe(v.string()),
  description: maybe(v.string()),
  owner: maybe(v.string()),
  template_uuid: maybe(v.string()),
  user_permissions: maybe(v.number()),
  last_modification_date: maybe(v.number()),
  no_target: maybeFlag,
})
const PolicyList = v.object({
  // One whose id is not understood cannot be asked for; the others can.
  policies: v.nullish(v.array(v.fallback(v.nullable(Policy), null)), []),
})

export interface Policies {
  list(options?: LookOptions): Promise<readonly ScannerPolicy[]>
}

export function makePolicies({
  calls,
  templates,
  allowed,
  ...keeping
}: {
  calls: Calls
  /** Names of those that the configuration allows; absent for all. */
  allowed?: readonly string[] | undefined
  templates: Templates
  now: () => number
  keptMs: number
}): Policies {
  return kept(async () => {
    const call = {
      method: 'GET',
      path: '/policies',
      route: '/policies',
      // A role that may not read them will not be given by waiting.
      asked: 'prepare',
      what: 'list policies',
    } as const
    const { policies } = await calls.read(PolicyList, call)
    const known = await templates.list({ recent: true, all: true })
    return (policies ?? []).flatMap((policy) => (policy === null ? [] : [policyOf(policy, known, allowed)]))
  }, keeping)
}

function policyOf(
  policy: v.InferOutput<typeof Policy>,
  templates: readonly ScannerTemplate[],
  allowed: readonly string[] | undefined,
): ScannerPolicy {
  const template = templates.find(({ uuid }) => uuid === policy.template_uuid)
  const isAllowed = allowed === undefined || allowed.includes((policy.name ?? '').trim())
  const obstacle = isAllowed ? obstacleOf(policy, template) : 'the configuration does not allow it (allowed_policies)'
  return {
    id: policy.id,
    name: policy.name ?? '',
    description: policy.description ?? '',
    ...(policy.owner && { owner: policy.owner }),
    ...(policy.last_modification_date && { lastModifiedAt: policy.last_modification_date }),
    ...(policy.template_uuid && { templateUuid: policy.template_uuid }),
    ...(template && { template: template.name }),
    ...(obstacle !== undefined && { obstacle }),
  }
}

/** Only what the scanner says outright keeps a policy from being used. */
function obstacleOf(
  { name, owner, user_permissions: permissions, no_target: noTarget }: v.InferOutput<typeof Policy>,
  template: ScannerTemplate | undefined,
): string | undefined {
  if (!name) return 'the scanner does not tell its name, so it cannot be known again'
  if (typeof permissions === 'number' && permissions < MAY_USE) {
    return `it belongs to ${owner ?? 'somebody else'}, who does not let the account of this scanner use it`
  }
  if (noTarget === true) return 'it takes no targets: it audits a service, and is started in the web interface'
  if (template?.obstacle !== undefined) return `its template ${template.name} cannot run: ${template.obstacle}`
  return undefined
}
