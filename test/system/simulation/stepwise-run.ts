/**
 * A run that goes on only when told to. It stops at every gate, before and
 * after each thing it does to the outside, so that time can pass, others can
 * act, and it can die or oversleep in between.
 */
export type Gate = (at: string) => Promise<void>

export interface StepwiseRun {
  /** The gate at which it stands. */
  readonly at: string
  readonly ended: boolean
  /** What it threw, if it ended so. */
  readonly error: Error | undefined
  /** Goes on to the next gate, or to the end. */
  step(): Promise<void>
}

export function makeStepwiseRun(work: (gate: Gate) => Promise<unknown>): StepwiseRun {
  const run = { at: 'start', ended: false, error: undefined as Error | undefined }
  let arrived = (): void => {}
  let proceed: (() => void) | undefined
  const gate: Gate = (at) => {
    return new Promise((resolve) => {
      run.at = at
      proceed = resolve
      arrived()
    })
  }
  const start = async () => {
    try {
      await work(gate)
    } catch (error) {
      run.error = error instanceof Error ? error : new Error(String(error))
    }
    run.ended = true
    arrived()
  }
  return Object.assign(run, {
    async step() {
      const stopped = new Promise<void>((resolve) => {
        arrived = resolve
      })
      if (proceed) proceed()
      else void start()
      await stopped
    },
  })
}
