/** The pieces of which the editor's forms are made. */
export interface Input {
  readonly id: string
  readonly name: string
  readonly type: 'entry' | 'password' | 'file' | 'select' | 'checkbox'
  readonly required: boolean
  readonly default?: string
  readonly placeholder?: string
  readonly options?: readonly { readonly name: string; readonly inputs: readonly Input[] }[]
}

export interface CredentialType {
  readonly name: string
  readonly max: number
  readonly inputs: readonly Input[]
  /** Of all credentials of the type together; posted among the settings of the scan. */
  readonly settings: readonly Input[]
}

/** How many of a type one scan may have. */
export const INSTANCES_MAX = 1000

export const entry = (id: string, name: string, required = false): Input => ({ id, name, type: 'entry', required })
export const secret = (id: string, name: string, required = false): Input => ({ id, name, type: 'password', required })
export const file = (id: string, name: string): Input => ({ id, name, type: 'file', required: true })

export function box(id: string, name: string, byDefault: 'yes' | 'no'): Input {
  return { id, name, type: 'checkbox', required: false, default: byDefault }
}

/** A selectOf, each with the inputs that count under it alone. */
export function selectOf(
  id: string,
  name: string,
  options: Readonly<Record<string, readonly Input[]>>,
  byDefault = Object.keys(options)[0]!,
): Input {
  const each = Object.entries(options).map(([option, inputs]) => ({ name: option, inputs }))
  return { id, name, type: 'select', required: true, default: byDefault, options: each }
}

/** The ids of `inputs`, whatever is chosen. */
export function idsOf(inputs: readonly Input[]): string[] {
  return inputs.flatMap(({ id, options = [] }) => [id, ...options.flatMap((option) => idsOf(option.inputs))])
}
