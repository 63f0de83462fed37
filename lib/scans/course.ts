/**
 * The course of a scan between the queue and its end, in one table: per step the function that works at it, the event with
 * which a scan goes on there when its own event is lost, and what its owner may do when it fails there. A new step is a
 * new row; states, replay, sweep, rebuild and remedies read it.
 */
export interface StepOfCourse {
  readonly step: string
  /** Works at the step: its inbox, or the delayed set, holds the event that the scan waits for. */
  readonly function: string
  readonly goesOnWith: string
  readonly remedy: string
  /** The same where there is nothing to replay: no letter (any more), or something stands in its way. */
  readonly otherwise: string
}

export const COURSE = [
  {
    step: 'creating',
    function: 'create',
    goesOnWith: 'scan.admitted',
    remedy:
      'Check the scanner with list_scanners (reachable, licence, login), then start the scan again or have an operator replay it.',
    otherwise: 'Check the scanner with list_scanners (reachable, licence, login), then start the scan again.',
  },
  {
    step: 'launching',
    function: 'launch',
    goesOnWith: 'scan.created',
    remedy: 'Check with list_scanners what the licence of the scanner allows, then have an operator replay the scan.',
    otherwise: 'Check with list_scanners what the licence of the scanner allows, then start the scan again.',
  },
  {
    step: 'scanning',
    function: 'poll',
    goesOnWith: 'scan.poll-due',
    remedy:
      'Check with list_scanners whether the scanner is reachable, then have an operator replay the scan: it goes on where it was.',
    otherwise:
      'Check with list_scanners whether the scanner is reachable, then start the scan again if it is still needed.',
  },
  {
    step: 'stopping',
    function: 'stop',
    goesOnWith: 'scan.stop-requested',
    remedy:
      'Look at the scanner whether the scan still runs there, and stop it by hand if so; an operator can give it up with nessus-mcp give-up.',
    otherwise: 'Look at the scanner whether the scan still runs there, and stop it by hand if so.',
  },
  {
    step: 'exporting',
    function: 'export',
    goesOnWith: 'scan.finished',
    remedy: 'The scan itself may be complete at the scanner: have an operator replay it to fetch the report again.',
    otherwise:
      'The scan itself may be complete at the scanner: have an operator fetch the report with nessus-mcp repair, while the scan is there.',
  },
  {
    step: 'validating',
    function: 'validate',
    // The report is fetched again: the digest that its validation needs went with the event.
    goesOnWith: 'scan.finished',
    remedy:
      'The report cannot be read as it came. Once the cause is found (a proxy, the scanner), have an operator replay the scan: the report is fetched again. download_native_scan has the file as it is.',
    otherwise:
      'The report cannot be read as it came. Once the cause is found (a proxy, the scanner), have an operator fetch it anew with nessus-mcp repair. download_native_scan has the file as it is.',
  },
] as const satisfies readonly StepOfCourse[]

type Row = (typeof COURSE)[number]

/** Ends a scan whose step was given up: the one function beside the steps through which a scan's own event may pass. */
export const GIVES_UP = 'fail'

/** The functions whose inboxes may hold the event that a running scan waits for. */
export function carriersOf(course: readonly StepOfCourse[] = COURSE): readonly string[] {
  return [...course.map((row) => row.function), GIVES_UP]
}

/** The step at which a function works; `undefined` for one that is no step of a scan. */
export function stepOf(functionName: string): Row['step'] | undefined {
  return COURSE.find((row) => row.function === functionName)?.step
}

/** The function that a scan at `step` waits for; one that has no step yet waits for its admission. */
export function functionAt(step: string): string {
  if (step === 'waiting') return 'admit'
  return (COURSE.find((row) => row.step === step) ?? COURSE[0]).function
}

/** The event with which a running scan goes on at `step`; one that has no step yet is created. */
export function eventAt(step: string): Row['goesOnWith'] {
  return (COURSE.find((row) => row.step === step) ?? COURSE[0]).goesOnWith
}

/** What to do about a scan that failed at a function: one sentence for its owner. */
export function remedyFor(functionName: string): string {
  const row = COURSE.find((each) => each.function === functionName)
  return row?.remedy ?? 'Start the scan again, or have an operator replay it from the dead letters.'
}

/** The same where it cannot be replayed. */
export function otherwiseFor(functionName: string): string {
  const row = COURSE.find((each) => each.function === functionName)
  return row?.otherwise ?? 'Start the scan again if it is still needed.'
}
