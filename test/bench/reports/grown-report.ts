/** Makes a large report out of a real one: its hosts, repeated under new names and addresses. */
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'

/** Writes `hosts` hosts to `path`. */
export async function growReport(source: string, path: string, hosts: number): Promise<void> {
  const text = readFileSync(source, 'utf8')
  const first = text.indexOf('<ReportHost ')
  const last = text.lastIndexOf('</ReportHost>') + '</ReportHost>'.length
  const blocks = text
    .slice(first, last)
    .split(/(?<=<\/ReportHost>)\s*/)
    .filter(Boolean)
  const file = createWriteStream(path)
  const write = async (chunk: string): Promise<void> => {
    if (!file.write(chunk)) await once(file, 'drain')
  }
  await write(text.slice(0, first))
  for (let index = 0; index < hosts; index++) {
    const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    const block = blocks[index % blocks.length] ?? ''
    await write(
      block
        .replace(/<ReportHost name="[^"]*"/, `<ReportHost name="${address}"`)
        .replace(/(<tag name="host-ip">)[^<]*/, `$1${address}`)
        .concat('\n'),
    )
  }
  await write(text.slice(last))
  file.end()
  await once(file, 'finish')
}
