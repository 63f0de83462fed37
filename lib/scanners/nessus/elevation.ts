/**
 * How to become root on a target, in the scanner's exact words.
 *
 * The scanner compares these values letter by letter and ignores what it does
 * not know, so a slip would scan without privileges and say nothing.
 */
import { CallerMistake, PermanentError } from '../../base/errors.ts'
import {
  ESCALATION_SPELLINGS,
  ESCALATIONS,
  NO_ESCALATION,
  type ScanCredentials,
} from '../../facts/credential-fields.ts'
import { isFormObject, objectsIn } from './form-parts.ts'

const SPELLINGS = new Map(
  ESCALATIONS.flatMap((word) =>
    [word, ...ESCALATION_SPELLINGS[word]].map((spelling) => [spelling.toLowerCase(), word]),
  ),
)

/** The scanner reads an account of another form as root, silently. */
const ACCOUNT = /^[A-Za-z][A-Za-z0-9_.-]+$/

const WORDS_NAMED_MAX = 20
const REMEDY = 'Start the scan again with one of those, or with a policy that holds the credentials.'

/** Whose fields are certain; for the rest the scanner's own template is asked. */
const CERTAIN = new Set<string>([NO_ESCALATION, 'sudo', "Cisco 'enable'"])

/** The scanner's word for `elevateWith`. Throws PermanentError with the words there are. */
export function elevationOf({ elevateWith }: Pick<ScanCredentials, 'elevateWith'>): string {
  if (elevateWith === undefined || elevateWith.trim() === '') return NO_ESCALATION
  const spelling = SPELLINGS.get(elevateWith.trim().toLowerCase())
  if (spelling !== undefined) return spelling
  throw new PermanentError(
    `elevate_privileges_with: expected one of ${ESCALATIONS.join(', ')}, got ${JSON.stringify(elevateWith.slice(0, 40))}`,
  )
}

/** Whether the template has to be read for the fields of `elevation`. */
export function needsTemplate(elevation: string): boolean {
  return !CERTAIN.has(elevation)
}

/**
 * The fields beside `elevate_privileges_with`. `template` is the editor's answer
 * for the scan's template, where {@link needsTemplate} asks for it.
 */
export function elevationFields(
  elevation: string,
  credentials: Pick<ScanCredentials, 'escalationAccount' | 'escalationPassword'>,
  template?: unknown,
): Record<string, string> {
  const account = credentials.escalationAccount
  if (account !== undefined && !ACCOUNT.test(account)) {
    throw new PermanentError(
      'escalation_account: expected a letter, then letters, digits, dots, dashes or underscores (the scanner would quietly use root)',
    )
  }
  if (elevation === NO_ESCALATION) return {}
  const ids = fieldIds(elevation, template)
  const fields: Record<string, string> = {}
  for (const id of ids) {
    if (/password/i.test(id)) {
      // Without one the target must not ask (NOPASSWD): an empty one would be sent.
      if (credentials.escalationPassword !== undefined) fields[id] = credentials.escalationPassword
    } else if (/account|user|login/i.test(id)) {
      fields[id] = account ?? 'root'
    }
  }
  return fields
}

function fieldIds(elevation: string, template: unknown): string[] {
  if (elevation === "Cisco 'enable'") return ['escalation_password']
  const known = elevation === '.k5login' ? ['escalation_account'] : ['escalation_account', 'escalation_password']
  const found = needsTemplate(elevation) ? idsInTemplate(elevation, template) : []
  return found.length > 0 ? found : known
}

/**
 * The ids of the inputs of the option `elevation` of the field `elevate_privileges_with`, wherever that is; none where the
 * form says nothing of the field. Throws CallerMistake where it has other ways only: the scanner would pass ours over.
 */
function idsInTemplate(elevation: string, template: unknown): string[] {
  const fields = objectsIn(template).filter((object) => object['id'] === 'elevate_privileges_with')
  const ways = fields.flatMap(({ options }) => (Array.isArray(options) ? options.filter(isFormObject) : []))
  const meant = ways.filter(({ name }) => name === elevation)
  if (ways.length > 0 && meant.length === 0) {
    const words = new Set(ways.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])))
    const some = [...words].slice(0, WORDS_NAMED_MAX).join(', ')
    throw new CallerMistake(`elevate_privileges_with: this scanner has no ${elevation}; it has ${some}`, REMEDY)
  }
  const ids = meant.flatMap((option) => objectsIn(option['inputs'])).map((input) => input['id'])
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}
