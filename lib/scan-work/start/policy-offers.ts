/**
 * Which scanners can make the scan of a policy. They are asked before anything is
 * queued, so that a slip is refused and not found out later; one that does not
 * answer at once is not waited for: the scan is then looked up when it is made.
 */
import { CallerMistake, PermanentError, Refusal } from '../../base/errors.ts'
import { withTimeLimit } from '../../base/time-limit.ts'
import { basisAt, type Basis } from '../../scanners/scan-basis.ts'
import type { ScannerEntry, ScannerRegistry } from '../../scanners/entry.ts'
import type { KnownHealth } from '../../scanners/health.ts'
import type { Scan } from '../../scans/record.ts'
import { DEFAULT_TEMPLATE, type RunArguments } from './run-arguments.ts'

/** A tool call waits for it. */
const ANSWER_MS = 3000
/** Of a large pool not every scanner is asked; the others are taken where none of these has it. */
const ASKED_MAX = 16

export interface Offer {
  readonly entry: ScannerEntry
  /** Absent where nothing was asked, or no answer came. */
  readonly basis?: Basis
}

export type AskOffers = (
  entries: readonly ScannerEntry[],
  health: ReadonlyMap<string, KnownHealth>,
) => Promise<readonly Offer[]>

/** Throws Refusal when every scanner says that it cannot, with the words of the first. */
export function policyOffers(
  args: RunArguments,
  scanners: Pick<ScannerRegistry, 'scanner'>,
  known: Scan['policy'] = args.policy === undefined ? undefined : { asked: args.policy },
): AskOffers {
  const { policy } = args
  if (policy === undefined) return async (entries) => entries.map((entry) => ({ entry }))
  if (args.template !== DEFAULT_TEMPLATE) {
    const message = `policy: brings its own template; send policy or template, not both (template is ${args.template}).`
    throw new Refusal('invalid_argument', message, { arguments: ['policy', 'template'] })
  }
  const asked = { template: args.template, policy: known ?? { asked: policy } }
  const ask = async (entry: ScannerEntry): Promise<Offer | PermanentError> => {
    try {
      const looked = basisAt(scanners.scanner(entry.key), asked, { key: entry.key, recent: true })
      return { entry, basis: await withTimeLimit(looked, ANSWER_MS, () => new Error('no answer in time')) }
    } catch (error) {
      return error instanceof PermanentError ? error : { entry }
    }
  }
  return async (entries, health) => {
    if (/^\d+$/.test(policy) && entries.length > 1 && args.scanner_instance === undefined) {
      const names = entries.map(({ instanceId }) => instanceId).join(', ')
      const message = `policy: ids are each scanner's own; send scanner_instance too (${names}), or the policy's name.`
      throw new Refusal('invalid_argument', message, { arguments: ['scanner_instance', 'policy'] })
    }
    const isAway = ({ key }: ScannerEntry) => health.get(key)?.ready === false
    const reachable = entries.filter((entry) => !isAway(entry)).slice(0, ASKED_MAX)
    const answers = await Promise.all(reachable.map(ask))
    const sure = answers.flatMap((answer) => ('basis' in answer ? [answer] : []))
    if (sure.length > 0) return sure
    const refusing = answers.filter((answer) => answer instanceof PermanentError)
    const ruledOut = new Set(reachable.filter((_, at) => answers[at] instanceof PermanentError))
    const unsure = entries.filter((entry) => !ruledOut.has(entry))
    if (unsure.length > 0) return unsure.map((entry) => ({ entry }))
    throw refusalOf(refusing[0]!)
  }
}

function refusalOf(error: PermanentError): Refusal {
  if (!(error instanceof CallerMistake)) return new Refusal('unavailable', error.message, { arguments: ['policy'] })
  return new Refusal('invalid_argument', `${error.message}. See list_policies.`, { arguments: ['policy'] })
}

/** What the record keeps of the policy: the one that was found is never replaced by another. */
export function policyKept({ policy }: RunArguments, basis: Basis | undefined, known: Scan['policy']): Scan['policy'] {
  return policy === undefined ? undefined : { asked: policy, ...known, ...basis?.policy }
}
