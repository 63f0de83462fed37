/**
 * Leave to do what cannot be undone. To be asked at the very last moment, with
 * nothing awaited in between: a process may be suspended anywhere, and what it
 * was allowed before may be another's by now. Throws {@link PermitLapsed}.
 */
export type Permit = () => void

/** Nothing was done: what was allowed may be another's by now. */
export class PermitLapsed extends Error {
  override readonly name = 'PermitLapsed'
}
