/** A house for the tools that change a scan under way: a quick scanner, a slow one, and one with a single slot. */
import { afterAll, beforeAll } from 'vitest'
import { type House, openHouse, scanner } from '../../support/house.ts'

export interface SteeredHouse {
  readonly house: House
  /** A scan that runs at the slow scanner. */
  running(): Promise<string>
  /** Two scans for a scanner with one slot: the first runs, the second waits. */
  waiting(): Promise<{ first: string; second: string }>
  /** What the slow scanner was asked about a scan. */
  asked(taskId: string): ReturnType<House['slow']['control']['counts']>['scans'][number] | undefined
}

/** Opens the house before the tests of a file and closes it after them. */
export function useSteeredHouse(): SteeredHouse {
  let house: House
  beforeAll(async () => {
    house = await openHouse({
      config: ({ quick, slow }) => ({
        nessus: [scanner('quick')(quick)],
        slow: [scanner('slow', { max_concurrent_scans: 20 })(slow)],
        narrow: [scanner('narrow', { max_concurrent_scans: 1 })(slow)],
      }),
    })
  })
  afterAll(() => house?.close())
  return {
    get house() {
      return house
    },
    async running() {
      const taskId = await house.start({ scanner_pool: 'slow' })
      await house.until(taskId, ({ scanner_status: status }) => status === 'running')
      return taskId
    },
    async waiting() {
      const start = () => house.start({ scanner_pool: 'narrow' })
      const [first, second] = [await start(), await start()]
      await house.until(first, ({ step }) => step === 'scanning')
      return { first, second }
    },
    asked: (taskId) => house.slow.control.counts().scans.find(({ key }) => key.includes(taskId)),
  }
}
