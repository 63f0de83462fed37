/** Products that were recognised: by a CPE, by a banner, or by a file that tells its version. */
import type { Told } from '../kinds.ts'
import { eachLine, keyed, makeRows, understood } from './lines.ts'

/** `  cpe:/a:apache:log4j:2.17.1 -> Apache log4j`; systems and devices are told elsewhere. */
export function readCpes(output: string): Told {
  const rows = makeRows('products')
  let told = false
  const whole = eachLine(output, (line) => {
    const at = line.indexOf('cpe:/')
    if (at < 0) return
    told = true
    const [name = ''] = line.slice(at).split(/\s/, 1)
    const [part, vendor = '', product = '', version] = name.slice('cpe:/'.length).split(':')
    if (part !== 'a' || product === '') return
    const own = product.replaceAll('_', ' ')
    const maker = vendor.replaceAll('_', ' ')
    rows.add('product', {
      product: maker === own || maker === '' ? own : `${maker} ${own}`,
      version: version === '' ? undefined : version,
      cpe_name: name,
    })
  })
  return understood(rows.done(whole), told)
}

/** `Apache/2.4.6 (CentOS) OpenSSL/1.0.2k`, or one word without a version, on the last line. */
export function readWebServer(output: string): Told {
  const rows = makeRows('products')
  let last = ''
  const whole = eachLine(output, (line) => {
    last = line.trim() === '' ? last : line.trim()
  })
  const banner = last.startsWith('Server:') ? last.slice('Server:'.length).trim() : last
  const versioned = banner.split(/\s+/).filter((word) => /^[A-Za-z][^/]*\/\d/.test(word))
  for (const word of versioned) {
    const slash = word.indexOf('/')
    rows.add('product', { product: word.slice(0, slash), version: word.slice(slash + 1) })
  }
  if (versioned.length === 0) rows.add('product', { product: banner })
  return rows.done(whole)
}

/** `SSH version : SSH-2.0-OpenSSH_7.6p1 Ubuntu-4ubuntu0.6`. */
export function readSshServer(output: string): Told {
  const rows = makeRows('products')
  const whole = eachLine(output, (line) => {
    const [key, value = ''] = keyed(line) ?? []
    if (key !== 'ssh version') return
    const [, , software = ''] = value.split(/\s/, 1)[0]?.split('-') ?? []
    const at = software.search(/[_-]\d/)
    rows.add(
      'product',
      at < 0 ? { product: software } : { product: software.slice(0, at), version: software.slice(at + 1) },
    )
  })
  return rows.done(whole)
}

/** `Path : …` and `Version : …`, once per copy found. The product is named by the plugin. */
export function readVersions(output: string, pluginName: string): Told {
  const rows = makeRows('products')
  const product = productOf(pluginName)
  let path: string | undefined
  let version: string | undefined
  const close = (): void => {
    if (version !== undefined) rows.add('product', { product, version, path })
    path = version = undefined
  }
  const whole = eachLine(output, (line) => {
    const [key = '', value = ''] = keyed(line) ?? []
    if (line.trim() === '') close()
    else if (key === 'path' || key === 'url') {
      if (path !== undefined) close()
      path = value
    } else if (VERSION_KEYS.has(key)) {
      if (version !== undefined) close()
      version = value
    }
  })
  close()
  return rows.done(whole)
}

const VERSION_KEYS: ReadonlySet<string> = new Set(['version', 'installed version', 'product version', 'source version'])
const ENDS = [
  ' Installed',
  ' HTTP Server Detection',
  ' Detection',
  ' Version Detection',
  ' HTTP Server Version',
  ' Version',
  ' Server Detection',
]

/** `Apache Log4j Installed (Linux / Unix)` → Apache Log4j. */
function productOf(pluginName: string): string {
  const cut = ENDS.map((end) => pluginName.indexOf(end)).filter((at) => at > 0)
  return pluginName.slice(0, Math.min(pluginName.length, ...cut))
}
