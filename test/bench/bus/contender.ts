/** What is measured, the same for every contender. */
export interface Contender {
  readonly name: string
  /** Adds one job and waits until it is accepted. */
  add(n: number): Promise<void>
  /** Puts `count` jobs into the queue as fast as it can. */
  fill(count: number): Promise<void>
  /**
   * Runs `count` jobs that are there already, at most `concurrency` at a time; with `emit`, each emits the next job.
   * Resolves to the ms from the start of the worker to the end of the last job.
   */
  drain(count: number, concurrency: number, emit: boolean): Promise<number>
  /** Milliseconds from adding a job to its start in a worker that waits; one for each of `count` jobs. */
  idleLatencies(count: number): Promise<number[]>
  close(): Promise<void>
}
