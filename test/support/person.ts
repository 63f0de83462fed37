/** What a person does at the scanner itself, past the system: over its own HTTP interface. */
import type { Simulator } from '../../infra/simulator/simulator.ts'

export interface Person {
  get(path: string): Promise<Response>
  /** Makes a scan, and launches it if asked; its id at the scanner. */
  makeScan(options: { name: string; launch: boolean }): Promise<number>
  has(scanId: number): Promise<boolean>
}

export function personAt({ url, accessKey, secretKey }: Simulator): Person {
  const headers = { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}`, 'content-type': 'application/json' }
  const get = (path: string) => fetch(url + path, { headers })
  return {
    get,
    async makeScan({ name, launch }) {
      const { templates } = (await (await get('/editor/scan/templates')).json()) as { templates: Template[] }
      const uuid = templates.find((template) => template.name === 'basic')?.uuid
      const settings = { name, text_targets: '192.0.2.77', launch_now: launch }
      const body = JSON.stringify({ uuid, settings })
      const made = (await (await fetch(`${url}/scans`, { method: 'POST', headers, body })).json()) as Made
      return made.scan.id
    },
    has: async (scanId) => (await get(`/scans/${scanId}`)).ok,
  }
}

interface Template {
  readonly name: string
  readonly uuid: string
}

interface Made {
  readonly scan: { readonly id: number }
}
