/** Lists of installed software: programs of Windows and macOS, packages of Linux. */
import { isoDate } from '../../values.ts'
import type { Told } from '../kinds.ts'
import { between, eachLine, makeRows } from './lines.ts'

/** `Name  [version 1.2]  [installed on 2017/09/04]`, up to the list of updates. */
export function readPrograms(output: string): Told {
  const rows = makeRows('software')
  let updates = false
  const whole = eachLine(output, (written) => {
    const line = written.trim()
    updates ||= line.startsWith('The following updates are installed')
    if (updates || line === '' || line.startsWith('The following')) return
    const ends = ['[version ', '[installed on '].map((mark) => line.indexOf(mark)).filter((at) => at > 0)
    const name = line.slice(0, Math.min(line.length, ...ends))
    const installed = between(line, '[installed on ', ']')
    rows.add('software', {
      software: name,
      version: between(line, '[version ', ']'),
      installed_on: installed === undefined ? undefined : isoDate(installed),
    })
  })
  return rows.done(whole)
}

/** `  ii  acl  2.2.53-6  amd64  …` of dpkg, `  bash-4.2.46-34.el7|1` of rpm. */
export function readPackages(output: string): Told {
  const rows = makeRows('software')
  const whole = eachLine(output, (line) => {
    // Headings are not indented.
    if (line === '' || !/^\s/.test(line)) return
    const [first = '', name, version] = line.trim().split(/\s+/, 3)
    if (first === 'ii') rows.add('software', { software: name?.split(':')[0], version })
    else if (line.startsWith('  ') && /-\d/.test(first)) rows.add('software', splitPackage(first))
    // Packages that were removed, of which dpkg remembers the settings.
    else if (!/^[a-z][a-zA-Z]{1,2}$/.test(first)) rows.miss()
  })
  return rows.done(whole)
}

/** `bash-4.2.46-34.el7|1` → bash, 4.2.46-34.el7: version and release are the last two parts. */
function splitPackage(written: string): { software: string; version: string } {
  const whole = written.split('|', 1)[0] ?? ''
  const release = whole.lastIndexOf('-')
  const before = whole.lastIndexOf('-', release - 1)
  const at = before > 0 && /\d/.test(whole[before + 1] ?? '') ? before : release
  return { software: whole.slice(0, at), version: whole.slice(at + 1) }
}
