import type { Delivery } from '../bus/bus.ts'
import type { Layer, Ran, Runner } from './runner.ts'

/**
 * Puts `layers` around `core`, the first outermost. Each gets the delivery and `next`, which runs the layers below it and
 * the core; it may do something before or after, answer in their place, or deal with what they throw.
 */
export function compose(
  layers: readonly Layer[],
  core: (delivery: Delivery, runner: Runner) => Promise<Ran>,
): (delivery: Delivery, runner: Runner) => Promise<Ran> {
  return (delivery, runner) => {
    const from = (position: number): Promise<Ran> => {
      const layer = layers[position]
      return layer ? layer(delivery, () => from(position + 1), runner) : core(delivery, runner)
    }
    return from(0)
  }
}
