/**
 * What is known of a login beyond one process: Nessus locks an account after
 * five rejections, whoever made them.
 *
 *   L1. One login of a scanner is under way at a time, in all processes together.
 *   L2. A rejection keeps everybody from trying again until its time has passed, or the login in the entry is another.
 */
export interface Rejections {
  readonly times: number
  /** Not to be tried before, in milliseconds since 1970. */
  readonly untilMs: number
}

export interface LoginMemory {
  /** Asks to log in now. Answers how often it was rejected before, or why it may not be tried. */
  begin(): Promise<{ readonly times: number } | { readonly wait: Rejections | 'another tries' }>
  /** Says how it went: rejected, or `undefined` for anything else, be it a success or no answer. */
  end(rejected: Rejections | undefined, succeeded: boolean): Promise<void>
}

/** Remembers for one process alone. */
export function ownLoginMemory(now: () => number): LoginMemory {
  let kept: Rejections = { times: 0, untilMs: 0 }
  return {
    async begin() {
      return now() < kept.untilMs ? { wait: kept } : { times: kept.times }
    },
    async end(rejected, succeeded) {
      if (succeeded) kept = { times: 0, untilMs: 0 }
      else if (rejected) kept = rejected
    },
  }
}
