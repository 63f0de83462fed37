/** Policies that people saved. What is in them is not imitated, but for how the logins of a scan with them turn out. */
import type { Timeline } from '../timeline.ts'
import { Refused } from './refusal.ts'
import type { LoginOutcome } from './scan.ts'

const POLICIES_MAX = 1000
/** Below it an account sees a policy and may not use it. */
const MAY_USE = 16
const OWNS = 128

export interface SimulatedPolicy {
  readonly id: number
  name: string
  readonly description: string
  readonly templateUuid: string
  readonly owner: string
  /** Of the account that asks: 0 none, 16 may use, 32 may edit, 128 owns. */
  readonly permissions: number
  readonly noTarget: boolean
  readonly outcome: LoginOutcome
  readonly changedAtMs: number
}

export type PolicyFields = Partial<Omit<SimulatedPolicy, 'id' | 'changedAtMs'>>

export interface SimulatedPolicies {
  all(): readonly SimulatedPolicy[]
  find(id: number | undefined): SimulatedPolicy | undefined
  /** Whether a scan from `template` may refer to it: by the policy's own template, or by the one for any policy. */
  mayUse(id: number, template: { readonly uuid: string; readonly name: string } | undefined): boolean
  add(policy: PolicyFields & Pick<SimulatedPolicy, 'templateUuid'>): SimulatedPolicy
  remove(id: number): boolean
  wipe(): void
}

export function makeSimulatedPolicies({
  timeline,
  before,
}: {
  timeline: Timeline
  before: readonly SimulatedPolicy[]
}): SimulatedPolicies {
  const policies = new Map(before.map((policy) => [policy.id, policy]))
  let nextId = Math.max(1, ...policies.keys()) + 1
  return {
    all: () => [...policies.values()],
    find: (id) => (id === undefined ? undefined : policies.get(id)),
    mayUse(id, template) {
      const policy = policies.get(id)
      const fits = template === undefined || template.name === 'custom' || template.uuid === policy?.templateUuid
      return policy !== undefined && policy.permissions >= MAY_USE && fits
    },
    add(fields) {
      if (policies.size >= POLICIES_MAX) throw new Refused(500, `The simulator holds at most ${POLICIES_MAX} policies`)
      const defaults = { name: 'A policy', description: '', owner: 'admin', permissions: OWNS, noTarget: false }
      const id = nextId++
      const policy: SimulatedPolicy = {
        outcome: 'none',
        ...defaults,
        ...fields,
        id,
        changedAtMs: timeline.now(),
      }
      policies.set(id, policy)
      return policy
    },
    remove: (id) => policies.delete(id),
    wipe() {
      policies.clear()
      nextId = 2
    },
  }
}
