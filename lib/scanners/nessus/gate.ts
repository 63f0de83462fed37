/** Lets a bounded number in at a time; the rest wait in line. */
export interface Gate {
  /** Resolves with what leaves the gate again (once is enough, more does no harm); rejects when `signal` aborts first. */
  enter(signal: AbortSignal): Promise<() => void>
  /** Resolves when nobody is inside or waiting. */
  drained(): Promise<void>
}

export function makeGate(max: number): Gate {
  const line: (() => void)[] = []
  const watchers: (() => void)[] = []
  let inside = 0

  const leave = (): void => {
    inside -= 1
    line.shift()?.()
    if (inside === 0) for (const watcher of watchers.splice(0)) watcher()
  }
  const admit = (): (() => void) => {
    inside += 1
    let left = false
    return () => {
      if (left) return
      left = true
      leave()
    }
  }

  return {
    enter(signal) {
      if (inside < max) return Promise.resolve(admit())
      return new Promise((resolve, reject) => {
        const turn = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve(admit())
        }
        const giveUp = (): void => {
          line.splice(line.indexOf(turn), 1)
          reject(signal.reason as Error)
        }
        line.push(turn)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    drained() {
      if (inside === 0) return Promise.resolve()
      return new Promise((resolve) => watchers.push(resolve))
    },
  }
}
