/** What every tool that starts a scan does: check, choose, and begin the scan in one atomic step. */
import { defined } from '../../base/defined.ts'
import * as v from 'valibot'
import { PermanentError, Refusal } from '../../base/errors.ts'
import { traceId } from '../../bus/event.ts'
import { mayGoTo, refusedTo } from '../../scanners/credential-policy.ts'
import type { NamedCredential } from '../../scanners/entry.ts'
import { ANY_POLICY } from '../../scanners/scan-basis.ts'
import { parseTargets, type Targets } from '../../scanners/targets.ts'
import { begin } from '../../scans/change.ts'
import type { Scan } from '../../scans/record.ts'
import { makeTaskId } from '../../facts/task-id.ts'
import { chooseScanner, type Choice } from './choose-scanner.ts'
import { claimIdempotency } from './idempotency.ts'
import { type Outcome, says } from '../../runtime/outcome.ts'
import { RunOutput, type RunArguments } from './run-arguments.ts'
import { statusView } from '../show/status-view.ts'
import { policyKept, policyOffers } from './policy-offers.ts'
import { estimateWaitMinutes } from './wait-estimate.ts'
import { dropSealed, type ReplyOf, type ToolContext } from '../../runtime/tool.ts'

/** Targets shown in results and kept in the record as a list; all of them are in its text. */
const HOSTS_SHOWN = 50
/** Of a name that is made of the targets. */
const NAME_TARGETS_CHARS = 60

export interface Submission {
  readonly scanType: Scan['scan_type']
  readonly args: RunArguments
  readonly credentials?: Scan['credentials']
  /** The scan that is repeated. */
  readonly again?: string
  /** The policy of that scan, which it must be still. */
  readonly policy?: Scan['policy']
}

/** What a tool that starts a scan emits. */
export const submissionEmits = {
  'scan.requested': says('The scan waits in the queue of its pool.', { pool: v.string() }),
} as const
type Answered = Extract<ReplyOf<typeof RunOutput>, { readonly result: unknown }>
type Submitted = Outcome<typeof submissionEmits> & { readonly reply: Answered }

export async function submitScan(
  { scanType, args, credentials, again, policy }: Submission,
  context: ToolContext,
): Promise<Submitted> {
  const claim = await claimIdempotency(args.idempotency_key, context)
  if (claim.first !== undefined) {
    return { reply: await firstAnswer(claim.first, context), also: dropSealed(context.sealed, context.scanKeys) }
  }

  const targets = targetsOf(args.targets, context.limits.targetsMax)
  const name = nameOf(args) ?? `Scan of ${shortened(targets.text)}`
  const named = namedCredentials(credentials, targets, context)
  const mayTake = (key: string) => named.every((each) => mayGoTo(each, key))
  const offers = policyOffers(args, context.scanners, policy)
  const choice = await chooseScanner({ ...args, mayTake, offers }, targets, context)
  await refuseWhenFull(choice.pool, context)
  const behindOwn = await waitingOfCaller(context)
  const createdAt = context.now.toISOString()
  const scan: Scan = {
    task_id: makeTaskId(args.scanner_type, choice.likely.instanceId, context.now, context.randomHex(4)),
    trace_id: traceId(context.event.traceparent) ?? context.randomHex(16),
    revision: 1,
    status: 'queued',
    step: 'waiting',
    name,
    description: args.description,
    scan_type: scanType,
    schema_profile: args.schema_profile,
    origin: 'created',
    targets: { text: targets.text, count: targets.hosts, hosts: targets.list.slice(0, HOSTS_SHOWN) },
    template: args.policy === undefined ? args.template : (choice.basis?.template ?? ANY_POLICY),
    priority: args.priority,
    debug_mode: args.debug_mode,
    ...defined({
      policy: policyKept(args, choice.basis, policy),
      relaunch_of: again,
      settings: settingsOf(args),
      credentials,
      idempotency: claim.made,
    }),
    ...(context.caller === undefined ? {} : { caller: context.caller, behind_own: behindOwn }),
    scanner_type: args.scanner_type,
    scanner_pool: choice.pool,
    ...(choice.pinned === undefined ? {} : { pinned_instance: choice.pinned.instanceId }),
    created_at: createdAt,
    queued_at: createdAt,
  }
  return {
    scans: [begin(scan)],
    emit: [{ type: 'scan.requested', data: { pool: scan.scanner_pool }, subject: scan.task_id }],
    also: claim.write(scan.task_id),
    reply: { result: await answer(scan, choice, context) },
  }
}

function nameOf(args: RunArguments): string | undefined {
  if (args.name !== undefined && args.scan_name !== undefined && args.name !== args.scan_name) {
    throw new Refusal('invalid_argument', 'name and scan_name differ; send one.', { arguments: ['scan_name'] })
  }
  const name = (args.name ?? args.scan_name ?? '').trim()
  return name === '' ? undefined : name
}

/** Nothing set is no settings. */
function settingsOf({ settings }: RunArguments): RunArguments['settings'] {
  return settings && Object.values(settings).some((value) => value !== undefined) ? settings : undefined
}

function shortened(targets: string): string {
  return targets.length <= NAME_TARGETS_CHARS ? targets : `${targets.slice(0, NAME_TARGETS_CHARS)}…`
}

function targetsOf(text: string, hostsMax: number): Targets {
  try {
    const targets = parseTargets(text)
    if (targets.hosts <= hostsMax) return targets
    throw new PermanentError(`targets: expected at most ${hostsMax} hosts in one scan, got ${targets.hosts}; split it`)
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    throw new Refusal('invalid_argument', error.message, { arguments: ['targets'] })
  }
}

/** The configured credentials, if these targets may see each of them. */
function namedCredentials(
  credentials: Scan['credentials'],
  targets: Targets,
  { scanners }: ToolContext,
): NamedCredential[] {
  if (credentials?.kind !== 'named') return []
  const named = [credentials.ref, ...(credentials.more ?? [])].flatMap((name) => scanners.credential(name) ?? [])
  for (const each of named) {
    const refused = refusedTo(each, targets.list)
    if (refused === undefined) continue
    const message = `The credential "${each.name}" ${refused}.`
    throw new Refusal('forbidden', message, { arguments: ['credential', 'targets'] })
  }
  return named
}

async function refuseWhenFull(pool: string, { scans, scanners, limits }: ToolContext): Promise<void> {
  const instances = scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : []))
  const depth = await scans.queueDepth(pool, instances)
  if (depth < limits.queueMax) return
  throw new Refusal('busy', `Pool ${pool} has ${depth} scans waiting, its limit. Try again later, or use another pool.`)
}

/** How many scans the caller has waiting already; refuses when that is its limit. Callers without a token are all one, and share the pool's. */
async function waitingOfCaller({ caller, scans, limits }: ToolContext): Promise<number> {
  if (caller === undefined) return 0
  const waiting = await scans.waitingOf(caller)
  if (waiting < limits.queueMaxPerCaller) return waiting
  throw new Refusal('busy', `${caller} has ${waiting} scans waiting, the limit for one caller. Try again later.`)
}

async function answer(scan: Scan, choice: Choice, context: ToolContext): Promise<v.InferInput<typeof RunOutput>> {
  const position = await context.scans.nextPosition(scan)
  return {
    task_id: scan.task_id,
    trace_id: scan.trace_id,
    status: 'queued',
    scan_type: scan.scan_type,
    scan_name: scan.name,
    created_at: scan.created_at,
    scanner_pool: scan.scanner_pool,
    scanner_instance: scan.pinned_instance ?? choice.likely.instanceId,
    queue_position: position,
    estimated_wait_minutes: await estimateWaitMinutes(scan.scanner_pool, position, context),
    targets: { count: scan.targets.count, hosts: [...scan.targets.hosts] },
    idempotent: false,
    next: next(scan.task_id),
  }
}

/** The answer to a repeated call: the first scan, as it is now. */
async function firstAnswer(taskId: string, context: ToolContext): Promise<Answered> {
  const scan = await context.scans.get(taskId)
  if (!scan) {
    throw new Refusal('conflict', `This idempotency key started ${taskId}, which has been deleted. Use a new key.`, {
      task_id: taskId,
    })
  }
  const status = await statusView(scan, context)
  return {
    result: {
      task_id: scan.task_id,
      trace_id: scan.trace_id,
      status: scan.status,
      scan_type: scan.scan_type,
      scan_name: scan.name,
      created_at: scan.created_at,
      scanner_pool: scan.scanner_pool,
      scanner_instance: status.scanner_instance,
      queue_position: status.queue_position,
      estimated_wait_minutes: null,
      targets: status.targets,
      idempotent: true,
      original_task: status,
      next: next(scan.task_id),
    },
  }
}

function next(taskId: string): string {
  return `Call get_scan_status with task_id ${taskId} and wait_seconds 45 until the status is completed, then summarize_scan.`
}
