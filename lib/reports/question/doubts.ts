/** Why nothing can be said, over all reports that were asked, and which hosts could not be seen. */
import type { Look } from './looks.ts'
import type { Unseen, UNSEEN } from './unseen.ts'

const NAMES_SHOWN = 10

export interface UnseenHosts {
  readonly count: number
  readonly names: readonly string[]
  readonly and_more?: number
}

export interface Doubt extends Pick<Unseen, 'cannotSay' | 'absent'> {
  readonly look: Look
  readonly matched: number
}

/**
 * Why nothing can be said: one report's reasons, or those of several where none of them can say, or none of them shows
 * anything. Reasons of some among others that answer go to `partly`.
 */
export function whyNothing(doubts: readonly Doubt[], partly: string[]): string[] {
  const present = doubts.filter(({ absent }) => absent.length === 0)
  if (present.length === 0) return [...new Set(doubts.flatMap(({ absent }) => absent))]
  const named = ({ look, cannotSay }: Doubt): string[] =>
    cannotSay.map((why) => (doubts.length > 1 ? `${look.scan}: ${why}` : why))
  const reasons = [...new Set(present.flatMap(named))]
  if (present.every(({ cannotSay }) => cannotSay.length > 0) || present.every(({ matched }) => matched === 0))
    return reasons
  partly.push(...reasons)
  return []
}

export function shownUnseen(
  unseen: Readonly<Record<(typeof UNSEEN)[number], readonly string[]>>,
): Readonly<Record<string, UnseenHosts>> {
  return Object.fromEntries(
    Object.entries(unseen).flatMap(([what, names]) => {
      const distinct = [...new Set(names)]
      const more = distinct.length > NAMES_SHOWN ? { and_more: distinct.length - NAMES_SHOWN } : {}
      return distinct.length === 0
        ? []
        : [[what, { count: distinct.length, names: distinct.slice(0, NAMES_SHOWN), ...more }]]
    }),
  )
}
