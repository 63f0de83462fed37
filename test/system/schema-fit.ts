/** Compares what is emitted with what is read, field by field. */
export interface AnySchema {
  readonly type: string
  readonly entries?: Readonly<Record<string, AnySchema>>
  readonly wrapped?: AnySchema
  readonly default?: unknown
}

const isOptional = ({ type }: AnySchema) => type === 'optional' || type === 'nullish' || type === 'exact_optional'
const bare = (schema: AnySchema): AnySchema => (isOptional(schema) && schema.wrapped ? bare(schema.wrapped) : schema)

/** Why `read` could not read what `emitted` allows; empty when it can. */
export function mismatches(emitted: AnySchema, read: AnySchema): string[] {
  return Object.entries(read.entries ?? {}).flatMap(([field, wanted]) => {
    const given = emitted.entries?.[field]
    if (given === undefined) return isOptional(wanted) ? [] : [`${field} is not emitted`]
    if (isOptional(given) && !isOptional(wanted)) return [`${field} may be missing`]
    const [have, want] = [bare(given).type, bare(wanted).type]
    return have === want ? [] : [`${field} is emitted as ${have} and read as ${want}`]
  })
}
