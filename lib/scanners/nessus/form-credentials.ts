/**
 * Credentials by the scanner's own form: its editor says which kinds there are, which fields each has, what they may hold
 * and which count under which choice. What the form has no place for is refused, not sent: the scanner would pass it over
 * and say nothing. No message repeats a value, whichever field it stands in.
 */
import { CallerMistake } from '../../base/errors.ts'
import { describeValue } from '../../base/our-words.ts'
import { type FormCredentials, kindOf, plainWord } from '../../facts/credential-kinds.ts'
import { credentialTypes, type FormObject, objectsOf, optionWords, wordIn } from './form-parts.ts'

/** One item of `credentials.add`, and what belongs to all credentials of its type. */
export interface FormLogin {
  readonly category: string
  readonly type: string
  readonly item: Record<string, string>
  readonly settings: Record<string, string>
}

type Upload = (name: string, content: string) => Promise<string>

const NAMED_MAX = 40
const DEPTH_MAX = 12
const REMEDY =
  'Start the scan again with another credential, or have its entry in the scanner configuration changed to what this scanner has.'

/** `form` is the editor's answer for the scan's template. Throws CallerMistake; nothing has been uploaded then. */
export async function formLogin(credentials: FormCredentials, form: unknown, upload: Upload): Promise<FormLogin> {
  const { category, type, chosen } = typeOf(credentials.kind, form)
  const filling = fill({ ...chosen, ...credentials.fields }, credentials.kind, type)
  const files = Object.entries(filling.files)
  for (const [id, content] of files) filling.item[id] = await upload(`${plainWord(id)}.txt`, content)
  return { category, type: String(type['name']), item: filling.item, settings: filling.settings }
}

interface Found {
  readonly category: string
  readonly type: FormObject
  readonly chosen: Readonly<Record<string, string>>
}

function typeOf(kind: string, form: unknown): Found {
  const types = credentialTypes(form)
  for (const { type: wanted, chosen = {} } of kindOf(kind).places) {
    const found = types.find(({ type }) => plainWord(type['name']) === plainWord(wanted))
    if (found) return { ...found, chosen }
  }
  const names = types.flatMap(({ type }) => wordIn(type['name']) ?? [])
  throw mistake(`kind: this scanner's template has no credentials called ${describeValue(kind)}${itHas(names)}`)
}

interface Filling {
  readonly item: Record<string, string>
  readonly settings: Record<string, string>
  /** What is to be uploaded, by id. */
  readonly files: Record<string, string>
}

function fill(given: Readonly<Record<string, string>>, kind: string, type: FormObject): Filling {
  const { also = {} } = kindOf(kind)
  const left = new Map(Object.entries(given))
  const filling: Filling = { item: {}, settings: {}, files: {} }
  const known: string[] = []
  const lacking: string[] = []

  const take = (input: FormObject): string | undefined => {
    const names = [input['id'], input['name']].map(plainWord)
    const isMeant = (name: string) =>
      [name, ...(Object.hasOwn(also, name) ? also[name]! : [])].some((word) => names.includes(plainWord(word)))
    const name = [...left.keys()].find(isMeant)
    const value = name === undefined ? undefined : left.get(name)
    if (name !== undefined) left.delete(name)
    return value
  }

  const visit = (inputs: unknown, depth: number): void => {
    for (const input of depth > DEPTH_MAX ? [] : objectsOf(inputs)) {
      const { id } = input
      if (typeof id !== 'string') continue
      known.push(id)
      const value = take(input)
      const options = objectsOf(input['options'])
      const word = value === undefined ? undefined : wordFor(id, value, input)
      if (word === undefined && isNeeded(input)) lacking.push(id)
      else if (word !== undefined && input['type'] === 'file') filling.files[id] = word
      // A choice that others stand under is said outright: the form's default may change.
      else if (word !== undefined || options.length > 0) set(filling.item, id, word ?? wordIn(input['default']))
      const chosen = word ?? wordIn(input['default'])
      const option = options.find(({ name }) => name === chosen)
      visit(option?.['inputs'], depth + 1)
    }
  }
  visit(type['inputs'], 0)
  for (const input of objectsOf(type['settings'])) {
    const value = take(input)
    if (typeof input['id'] !== 'string') continue
    known.push(input['id'])
    if (value !== undefined) filling.settings[input['id']] = wordFor(input['id'], value, input)
  }
  const [unknown] = left.keys()
  const where = `credentials of the kind ${describeValue(kind)}`
  if (unknown !== undefined) {
    throw mistake(
      `fields: ${where} have no ${describeValue(unknown)} at this scanner, with what is chosen${itHas(known)}`,
    )
  }
  if (lacking.length > 0) {
    throw mistake(`fields: ${where} need ${lacking.slice(0, NAMED_MAX).join(', ')} at this scanner, and got none`)
  }
  return filling
}

/** The form's own word for `value`, where it offers words. */
function wordFor(id: string, value: string, input: FormObject): string {
  const offered = optionWords(input)
  const words = offered.length === 0 && input['type'] === 'checkbox' ? ['yes', 'no'] : offered
  if (words.length === 0) return value
  const word = words.find((each) => plainWord(each) === plainWord(value))
  if (word !== undefined) return word
  throw mistake(`fields: ${id}: expected one of ${words.slice(0, NAMED_MAX).join(', ')}; got another value (not shown)`)
}

const isNeeded = (input: FormObject): boolean => input['required'] === true && !wordIn(input['default'])

function set(item: Record<string, string>, id: string, word: string | undefined): void {
  if (word !== undefined) item[id] = word
}

function itHas(names: readonly string[]): string {
  const each = [...new Set(names)].slice(0, NAMED_MAX)
  return each.length === 0 ? '' : `; it has ${each.join(', ')}`
}

function mistake(what: string): CallerMistake {
  return new CallerMistake(what, REMEDY)
}
