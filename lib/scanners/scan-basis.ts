/**
 * What a new scan is made from: a template of the scanner's, or a policy that
 * somebody saved there. Which of those a scanner has is meant, and why it cannot be.
 *
 *   SB1. A policy is the one that was asked for or none: of two of one name neither is taken, and one that was
 *        found once is never replaced by another that bears its id.
 *   SB2. What cannot be is the caller's to mend, so it is told as a CallerMistake, with what there is.
 */
import { CallerMistake } from '../base/errors.ts'
import { didYouMean } from '../base/near-names.ts'
import { describeValue } from '../base/our-words.ts'
import type { AskedBasis, Scanner, ScannerPolicy, ScannerTemplate } from './scanner.ts'

const NAMED_MAX = 30
/** The template that takes any policy, where the scanner does not list the policy's own. */
export const ANY_POLICY = 'custom'

export interface Basis {
  readonly templateUuid: string
  /** The template's name; a policy's own may be unknown. */
  readonly template?: string
  readonly policy?: { readonly id: number; readonly name: string }
}

/** Looks up what is asked for. `recent`: what the scanner said lately will do, unless it does not help. */
export async function basisAt(
  scanner: Pick<Scanner, 'templates' | 'policies'>,
  asked: AskedBasis,
  { key, recent }: { readonly key: string; readonly recent: boolean },
): Promise<Basis> {
  const look = async (lately: boolean): Promise<Basis> => {
    const templates = await scanner.templates({ recent: lately, all: true })
    if (asked.policy === undefined) {
      const { uuid, name } = chooseTemplate(templates, asked.template, key)
      return { templateUuid: uuid, template: name }
    }
    const policy = choosePolicy(await scanner.policies({ recent: lately }), asked.policy, key)
    return { ...templateFor(policy, templates, key), policy: { id: policy.id, name: policy.name } }
  }
  if (!recent) return look(false)
  try {
    return await look(true)
  } catch (error) {
    // It may have been made, or renamed, a moment ago.
    if (error instanceof CallerMistake) return look(false)
    throw error
  }
}

/** The template called `name`. Throws CallerMistake with near names, or with what keeps it from running. */
export function chooseTemplate(templates: readonly ScannerTemplate[], name: string, key: string): ScannerTemplate {
  const found = templates.find((template) => template.name.toLowerCase() === name.toLowerCase())
  const remedy = 'Start the scan again with a template that list_templates names.'
  const names = templates.flatMap((template) => (template.obstacle === undefined ? [template.name] : []))
  const some = names.length > 0 ? `; it has ${names.slice(0, NAMED_MAX).join(', ')}` : ''
  const expected = `template: expected one that scanner ${key} can run, got ${describeValue(name)}`
  if (!found) throw new CallerMistake(`${expected}${didYouMean(name, names)}${some}`, remedy)
  if (found.obstacle !== undefined) throw new CallerMistake(`${expected}: ${found.obstacle}${some}`, remedy)
  return found
}

/** The policy that is meant, by name or id. Throws CallerMistake. */
export function choosePolicy(
  policies: readonly ScannerPolicy[],
  { asked, id, name }: NonNullable<AskedBasis['policy']>,
  key: string,
): ScannerPolicy {
  const found = id === undefined ? policyNamed(policies, asked, key) : policies.find((policy) => policy.id === id)
  if (!found) {
    throw policyMistake(`scanner ${key} has no policy ${describeValue(name ?? asked)} (id ${id}) any more`)
  }
  if (id !== undefined && found.name !== name) {
    const now = `is ${describeValue(found.name)} now, and was ${describeValue(name ?? asked)} when it was chosen`
    throw policyMistake(`policy ${id} of scanner ${key} ${now}`)
  }
  if (found.obstacle === undefined) return found
  throw policyMistake(
    `scanner ${key} cannot scan with ${describeValue(found.name)} (id ${found.id}): ${found.obstacle}`,
  )
}

function policyNamed(policies: readonly ScannerPolicy[], asked: string, key: string): ScannerPolicy {
  const wanted = asked.trim()
  const exact = policies.filter((policy) => policy.name === wanted)
  const alike = policies.filter((policy) => policy.name.toLowerCase() === wanted.toLowerCase())
  const byId = policies.filter((policy) => String(policy.id) === wanted)
  const meant = [...new Set([...(exact.length > 0 ? exact : alike), ...byId])]
  const [only] = meant
  if (only && meant.length === 1) return only
  if (only) {
    const each = meant.slice(0, NAMED_MAX).map((policy) => `${describeValue(policy.name)} (id ${policy.id})`)
    throw policyMistake(
      `${describeValue(wanted)} may be any of ${each.join(', ')} at scanner ${key}; send the id of one`,
    )
  }
  const names = policies.map((policy) => policy.name)
  const some =
    names.length === 0
      ? '; it shows none to this account'
      : `; it has ${names.slice(0, NAMED_MAX).map(describeValue).join(', ')}`
  const near = didYouMean(wanted, names)
  throw policyMistake(`expected one that scanner ${key} has, got ${describeValue(wanted)}${near}${some}`)
}

/** A policy goes with its own template. Where that is not listed, with the one that takes any policy. */
function templateFor(
  { templateUuid, name, id }: ScannerPolicy,
  templates: readonly ScannerTemplate[],
  key: string,
): Pick<Basis, 'templateUuid' | 'template'> {
  const own = templates.find(({ uuid }) => uuid === templateUuid)
  const found = own ?? templates.find((template) => template.name === ANY_POLICY && template.obstacle === undefined)
  if (found) return { templateUuid: found.uuid, template: found.name }
  if (templateUuid !== undefined) return { templateUuid }
  throw policyMistake(`scanner ${key} does not say by which template ${describeValue(name)} (id ${id}) is run`)
}

function policyMistake(what: string): CallerMistake {
  return new CallerMistake(`policy: ${what}`, 'Start the scan again with a policy that list_policies shows as usable.')
}
