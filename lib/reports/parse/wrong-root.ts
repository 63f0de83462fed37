/** Says what a file is when it is not a version 2 report. */
import { PermanentError } from '../../base/errors.ts'

const ECHO_CHARS_MAX = 60

/** Throws unless `name` is the root element of a .nessus version 2 report. */
export function refuseRoot(name: string): void {
  if (name === 'NessusClientData_v2') return
  if (name === 'NessusClientData') {
    throw new PermanentError(
      'the file is in the old .nessus version 1 format (root NessusClientData); export it as version 2',
    )
  }
  if (name.toLowerCase() === 'html') {
    throw new PermanentError('this is an HTML page, not a report; download the .nessus file itself')
  }
  const came = name.slice(0, ECHO_CHARS_MAX)
  throw new PermanentError(`expected the root element NessusClientData_v2, got ${came}; this is not a Nessus report`)
}
