/**
 * Reads the environment into typed, frozen settings. All bad variables are
 * reported together, each with what was expected, what came and the remedy; the
 * value of a secret never enters a message.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as v from 'valibot'
import { PermanentError } from '../lib/base/errors.ts'
import { type SettingDefinition, SETTINGS } from './settings-schema.ts'

type Definitions = typeof SETTINGS
/** `undefined` only where the setting has no default. */
type Value<S> = S extends SettingDefinition<infer T, infer D> ? (D extends string ? T : T | undefined) : never
export type Settings = { readonly [K in keyof Definitions]: Value<Definitions[K]> }

/** Largest file that a `*_FILE` variable may name. */
const SECRET_FILE_BYTES_MAX = 65_536
/** Longest wrong value that a message repeats. */
const SHOWN_CHARS_MAX = 60

/**
 * Settings from `env` (usually `process.env`); an empty variable counts as absent. Throws PermanentError that lists
 * every bad variable. Reads the files that `*_FILE` variables name, nothing else; a file that must
 * exist is looked for.
 */
export function loadSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = []
  const entries = Object.entries<SettingDefinition>(SETTINGS).map(([field, definition]) => {
    const given = givenText(definition, env, problems)
    return [field, given === undefined ? undefined : parse(definition, given, problems)]
  })
  if (problems.length > 0) {
    throw new PermanentError(`bad settings in the environment:\n${problems.map((line) => `  ${line}`).join('\n')}`)
  }
  return Object.freeze(Object.fromEntries(entries)) as Settings
}

interface Given {
  readonly value: string
  /** The variable a reader must change: `SECRET_KEY` or `SECRET_KEY_FILE`. */
  readonly variable: string
}

function givenText(
  definition: SettingDefinition,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Given | undefined {
  const { name } = definition
  // Compose and Kubernetes files hand over `NAME=` for what is not set.
  const value = env[name] === '' ? undefined : env[name]
  const fileVariable = `${name}_FILE`
  const path = definition.secret && env[fileVariable] !== '' ? env[fileVariable] : undefined
  if (value !== undefined && path !== undefined) {
    problems.push(`${name}: expected one of ${name} and ${fileVariable}, got both; unset one of them`)
    return undefined
  }
  if (path !== undefined) {
    const content = secretFrom(path, fileVariable, problems)
    return content === undefined ? undefined : { value: content, variable: fileVariable }
  }
  if (value !== undefined && definition.mustExist && !existsSync(value)) {
    problems.push(
      `${name}: expected a file that is there, got none at ${value}; write it, or ${remedyFor(definition).replace(/^correct it, or /, '')}`,
    )
    return undefined
  }
  const text = value ?? definition.default
  return text === undefined ? undefined : { value: text, variable: name }
}

function secretFrom(path: string, variable: string, problems: string[]): string | undefined {
  const remedy = 'name a readable file that holds only the secret'
  try {
    const { size } = statSync(path)
    if (size > SECRET_FILE_BYTES_MAX) {
      problems.push(`${variable}: expected a file of at most ${SECRET_FILE_BYTES_MAX} bytes, got ${size}; ${remedy}`)
      return undefined
    }
    // Editors and `echo` end a file with a newline that is no part of the secret.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    problems.push(`${variable}: expected a readable file, got ${code} for ${path}; ${remedy}`)
    return undefined
  }
}

function parse(definition: SettingDefinition, given: Given, problems: string[]): unknown {
  const result = v.safeParse(definition.schema, given.value)
  if (result.success) return Object.freeze(result.output)
  problems.push(
    `${given.variable}: expected ${result.issues[0].message}, got ${shown(definition, given.value)}; ${remedyFor(definition)}`,
  )
  return undefined
}

function shown(definition: SettingDefinition, value: string): string {
  if (definition.secret) return `another text of ${value.length} characters (not shown: it is a secret)`
  return JSON.stringify(value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value)
}

function remedyFor(definition: SettingDefinition): string {
  const fallback = definition.default
  if (fallback === undefined) return 'correct it, or unset it'
  return `correct it, or unset it to use ${fallback === '' ? 'the default (empty)' : `the default ${fallback}`}`
}
