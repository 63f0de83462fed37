/**
 * Puts variables into a configuration: `${VAR}`, `${VAR:-default}` (also where
 * VAR is empty), and `$${` for a literal `${`. It works on the text values of
 * parsed YAML, so that no value can add structure, and a password may hold any character.
 */
import type { Path, Source } from './source.ts'

export type Variables = Readonly<Record<string, string | undefined>>

const VARIABLE = /\$?\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g

/** Returns `value` with variables put in; an unset variable or a malformed `${` becomes a problem of `source`. */
export function substitute(value: unknown, env: Variables, source: Source, path: Path = []): unknown {
  if (typeof value === 'string') return substituteText(value, env, source, path)
  if (Array.isArray(value)) return value.map((item, at) => substitute(item, env, source, [...path, at]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substitute(item, env, source, [...path, key])]),
  )
}

function substituteText(text: string, env: Variables, source: Source, path: Path): string {
  return text.replace(VARIABLE, (match: string, name: string | undefined, fallback: string | undefined) => {
    if (match.startsWith('$$')) return match.slice(1)
    if (name === undefined) {
      source.problem(path, 'expected ${NAME} or ${NAME:-default}; write $${ for a literal ${')
      return ''
    }
    const value = env[name]
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value === undefined) {
      source.problem(path, `the variable ${name} is not set; set it or give a default: \${${name}:-…}`)
    }
    return value ?? ''
  })
}
