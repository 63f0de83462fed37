/** Operating systems and kinds of device, with the confidence in them. */
import type { Told } from '../kinds.ts'
import { eachLine, keyed, makeRows } from './lines.ts'

/** `Remote operating system : …` or `Remote device type : …`, `Confidence level : 80`, `Method : SMB`. */
export function readSystem(output: string): Told {
  const rows = makeRows('systems')
  const said = new Map<string, string>()
  const whole = eachLine(output, (line) => {
    const [key, value] = keyed(line) ?? []
    if (key !== undefined && value !== undefined && !said.has(key)) said.set(key, value)
  })
  const device = said.get('remote device type')
  rows.add(device === undefined ? 'system' : 'device', {
    system: said.get('remote operating system'),
    device,
    confidence: said.get('confidence level'),
    method: said.get('method'),
  })
  return rows.done(whole)
}
