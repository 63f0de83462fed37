/** Which function a scan waits for at each step, and the event with which it goes on there when its own is lost. */
import type { Step } from '../../scans/states.ts'

const STEP_OF: Readonly<Record<string, Step>> = {
  create: 'creating',
  launch: 'launching',
  poll: 'scanning',
  stop: 'stopping',
  export: 'exporting',
  validate: 'validating',
}

/** The step at which a function works; `undefined` for one that is no step of a scan. */
export function stepOf(functionName: string): Step | undefined {
  return STEP_OF[functionName]
}

/** The function that a scan at `step` waits for. */
export function functionAt(step: Step): string {
  if (step === 'waiting') return 'admit'
  return Object.keys(STEP_OF).find((name) => STEP_OF[name] === step) ?? 'create'
}

export type StepEvent = 'scan.admitted' | 'scan.created' | 'scan.poll-due' | 'scan.stop-requested' | 'scan.finished'

/** The event with which a running scan goes on. */
export function eventAt(step: Step): StepEvent {
  switch (step) {
    case 'launching':
      return 'scan.created'
    case 'scanning':
      return 'scan.poll-due'
    case 'stopping':
      return 'scan.stop-requested'
    case 'exporting':
    case 'validating':
      // The report is fetched again: the digest that its validation needs went with the event.
      return 'scan.finished'
    case 'waiting':
    case 'creating':
    case 'done':
      return 'scan.admitted'
  }
}
