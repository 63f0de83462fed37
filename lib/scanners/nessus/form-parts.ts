/** Reading the editor's forms, whatever a version makes of them: nothing in them is believed to be there. */

export type FormObject = Readonly<Record<string, unknown>>

export const isFormObject = (value: unknown): value is FormObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const memberOf = (value: unknown, key: string): unknown => (isFormObject(value) ? value[key] : undefined)
/** The objects of a list; none where it is no list. */
export const objectsOf = (value: unknown): FormObject[] => (Array.isArray(value) ? value.filter(isFormObject) : [])
export const wordIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Every object inside `value`, itself included. The answer's size bounds the work. */
export function objectsIn(value: unknown): FormObject[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? inner : [value as FormObject, ...inner]
}

/** What a field offers to choose from, in its own words. */
export function optionWords(input: FormObject): string[] {
  const options: unknown[] = Array.isArray(input['options']) ? input['options'] : []
  return options.flatMap((option) => wordIn(option) ?? wordIn(memberOf(option, 'name')) ?? [])
}

/** The types of credentials, each with its category. */
export function credentialTypes(form: unknown): { readonly category: string; readonly type: FormObject }[] {
  return objectsOf(memberOf(memberOf(form, 'credentials'), 'data')).flatMap(({ name, types }) =>
    objectsOf(types).map((type) => ({ category: wordIn(name) ?? '', type })),
  )
}
