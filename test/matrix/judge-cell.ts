import { rightEnd, type Cell } from './cells.ts'
import type { CellEnd } from './run-cell.ts'

/** What of a cell's end is not as its table says; empty when all is. */
export function wrongIn(cell: Cell, end: CellEnd): string[] {
  const right = rightEnd(cell)
  const [first, second] = end.statuses
  const said = end.failures.length === 0 ? '' : ` (${end.failures.join('; ')})`
  const checks: [boolean, string][] = [
    [end.faults > 0, 'the fault hit nobody'],
    [first === right.status, `the first scan is ${first}, not ${right.status}${said}`],
    [second === 'completed', `the second scan is ${second}, not completed${said}`],
    [end.launches.every((count) => count === right.launches), `launched ${end.launches.join(' and ')} times`],
    [end.left === 0, `${end.left} scans are left at the scanner`],
    [end.running === 0, `${end.running} run at the scanner still`],
    [end.runningMax <= 1, `${end.runningMax} ran at once in one place`],
    [!right.told || end.told, 'the status has not said what was waited for'],
    [end.loginsRefused < 5, `${end.loginsRefused} logins were refused: the account is locked`],
  ]
  return checks.flatMap(([holds, wrong]) => (holds ? [] : [wrong]))
}
