/**
 * Windows credentials in the words of the scanner's own form. A password is the same in every version; how a hash or a
 * Kerberos login is called, and under which ids its values stand, the form of the scan's template says.
 */
import { CallerMistake, PermanentError } from '../../base/errors.ts'
import type { ScanCredentials, WindowsMethod } from '../../facts/credential-fields.ts'
import { type FormObject, isFormObject, objectsIn } from './form-parts.ts'

type Fields = Record<string, string>

/** The scanner's own words; spelled a little otherwise in some versions. */
const WORDS: Readonly<Record<WindowsMethod, string>> = {
  'windows password': 'Password',
  'windows hash': 'NTLM Hash',
  'windows kerberos': 'Kerberos',
}
const REMEDY = 'Start the scan again with another auth_method, or with a policy that holds the credentials.'

/** One item of `credentials.add.Host.Windows`. `form` is asked only where a version may name things otherwise. */
export async function windowsLogin(
  credentials: ScanCredentials,
  method: WindowsMethod,
  form: () => Promise<unknown>,
): Promise<Fields> {
  const { username, password = '', domain, realm, kdc, kdcPort } = credentials
  // A capital P here, and a small one for SSH: the scanner is particular.
  if (method === 'windows password') return { auth_method: WORDS[method], username, password, domain: domain ?? '' }
  const { word, inputs } = optionOf(await form(), WORDS[method])
  const secret = inputs.find(({ type }) => type === 'password')?.['id']
  if (typeof secret !== 'string') {
    throw new PermanentError(`auth_method: the scanner's form says of ${word} not where its secret stands`)
  }
  const ids = new Set(inputs.map(({ id }) => id))
  const known = {
    username,
    // Versions without a realm take the domain for it.
    domain: domain ?? (ids.has('realm') ? '' : (realm ?? '')),
    ...(realm !== undefined && { realm }),
    ...(kdc !== undefined && { kdc, kdc_port: String(kdcPort ?? 88), kdc_transport: 'tcp' }),
  }
  const given = Object.fromEntries(Object.entries(known).filter(([id]) => ids.has(id)))
  return { auth_method: word, ...given, [secret]: password }
}

/** The way to log in called `wanted`, in any spelling, of the type Windows. */
function optionOf(form: unknown, wanted: string): { readonly word: string; readonly inputs: readonly FormObject[] } {
  const types = objectsIn(form).filter(({ name, inputs }) => name === 'Windows' && Array.isArray(inputs))
  const methods = types.flatMap((type) => objectsIn(type['inputs'])).filter(({ id }) => id === 'auth_method')
  const options = methods.flatMap(({ options: each }) => (Array.isArray(each) ? each.filter(isFormObject) : []))
  const plain = (word: unknown) =>
    String(word)
      .toLowerCase()
      .replace(/[^a-z]/g, '')
  const found = options.find(({ name }) => plain(name) === plain(wanted))
  if (found) return { word: String(found['name']), inputs: objectsIn(found['inputs']) }
  const names = options.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
  const some = names.length > 0 ? `; for Windows it has ${names.slice(0, 20).join(', ')}` : ''
  throw new CallerMistake(`auth_method: this scanner has no ${wanted} for Windows${some}`, REMEDY)
}
