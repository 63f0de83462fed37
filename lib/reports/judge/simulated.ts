/** What is said first of everything that a simulated scanner reported. */
export const SIMULATED = 'made up by the simulator; nothing was scanned'

/** `warnings` as they are told: of a simulated scan, that comes first. */
export function withSimulatedFirst(simulated: boolean, warnings: readonly string[]): string[] {
  return simulated ? [SIMULATED, ...warnings.filter((warning) => warning !== SIMULATED)] : [...warnings]
}
