/** Reads the deployment files for the tests beside it. */
import { readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

const root = new URL('../../../', import.meta.url)

export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

/** Every document of a YAML file, with its merge keys (`<<`) resolved; throws on any error or warning. */
export function yamlDocuments(path: string): unknown[] {
  return parseAllDocuments(read(path), { merge: true }).map((document) => {
    const complaint = document.errors[0] ?? document.warnings[0]
    if (complaint) throw complaint
    return document.toJS({ maxAliasCount: 100 }) as unknown
  })
}

export function filesUnder(folder: string): string[] {
  return readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`)
}

/** The values found under `key` anywhere in `value`. */
export function valuesOf(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key ? [inner as unknown] : []),
    ...valuesOf(inner, key),
  ])
}
