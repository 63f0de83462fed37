/** What listens on a port: that it is open, which service it is, which process. */
import type { Told } from '../kinds.ts'
import { between, eachLine, keyed, makeRows, understood } from './lines.ts'

/** `Port 80/tcp was found to be open`: the port stands beside the output. */
export function readOpenPort(output: string): Told {
  const rows = makeRows('listeners')
  let summary = false
  const whole = eachLine(output, (line) => {
    summary ||= line.includes('was able to find')
    if (line.trim().endsWith('was found to be open')) rows.add('listener', { listener: 'open' })
  })
  return understood(rows.done(whole), summary)
}

/** `A web server is running on this port through TLSv1.2.` */
export function readService(output: string): Told {
  const rows = makeRows('listeners')
  let unknown = false
  const whole = eachLine(output, (line) => {
    const text = line.trim()
    // It says that nothing can be said.
    unknown ||= text.startsWith('The service closed the connection')
    const at = [' is running on this port', ' answered on this port']
      .map((end) => text.indexOf(end))
      .find((index) => index > 0)
    if (at === undefined) return
    const through = text.slice(at).split(' through ')[1]
    rows.add('listener', {
      listener: text.slice(0, at).replace(/^(?:An?|The) /, ''),
      through: through?.replace(/\.$/, ''),
    })
  })
  return understood(rows.done(whole), unknown)
}

/** `The Win32 process 'svchost.exe' is listening on this port (pid 1000).` */
export function readWindowsListener(output: string): Told {
  const rows = makeRows('listeners')
  const whole = eachLine(output, (line) => {
    if (line.includes('is listening on this port')) {
      rows.add('process', { listener: 'process', process: between(line, "'", "'") })
    }
  })
  return rows.done(whole)
}

/** `Executable : /usr/sbin/sshd`. */
export function readUnixListener(output: string): Told {
  const rows = makeRows('listeners')
  const whole = eachLine(output, (line) => {
    const [key, value] = keyed(line) ?? []
    if (key === 'executable') rows.add('process', { listener: 'process', process: value })
  })
  return rows.done(whole)
}
