import type { Metrics } from '../observe/metrics.ts'
import type { Layer } from './runner.ts'

/** The layer that counts each run by its end, and how long it took. Outermost: it sees the ends of failures too. */
export function countRuns(metrics: Pick<Metrics, 'functionRunsTotal' | 'functionDurationSeconds'>): Layer {
  return async (delivery, next) => {
    const startMs = performance.now()
    const ran = await next()
    metrics.functionRunsTotal.inc({ function: delivery.function, outcome: ran.outcome })
    metrics.functionDurationSeconds.observe({ function: delivery.function }, (performance.now() - startMs) / 1000)
    return ran
  }
}
