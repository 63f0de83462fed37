/** Accounts, and what a plugin says of each: local, of the domain, administrator, disabled… */
import type { Told } from '../kinds.ts'
import { eachLine, keyed, makeRows } from './lines.ts'

/** `  - Administrator (id 500, Administrator account)`, `  - ADAM\Admin (User)`, `  - Guest`. */
export const readAccountList =
  (trait: string) =>
  (output: string): Told => {
    const rows = makeRows('accounts')
    const whole = eachLine(output, (line) => {
      const text = line.trim()
      if (!text.startsWith('- ')) return
      const bracket = text.lastIndexOf(' (')
      rows.add('account', { account: text.slice(2, bracket > 2 ? bracket : undefined), trait })
    })
    return rows.done(whole)
  }

/** `Name : adamd`, then `Disabled : True`. */
export function readLocalUsers(output: string): Told {
  const rows = makeRows('accounts')
  let account: string | undefined
  const whole = eachLine(output, (line) => {
    const [key, value = ''] = keyed(line) ?? []
    if (key === 'name') rows.add('account', { account: (account = value), trait: 'local account' })
    else if (key === 'disabled' && /^true$/i.test(value)) rows.add('account', { account, trait: 'disabled' })
    else if (key === 'lockout' && /^true$/i.test(value)) rows.add('account', { account, trait: 'locked out' })
  })
  return rows.done(whole)
}

const ADMINISTRATOR_GROUPS: ReadonlySet<string> = new Set(['sudo', 'wheel', 'root', 'admin'])

/** Blocks under `[ User Accounts ]` and `[ System Accounts ]`: `User : c`, `Groups : dip` and its further lines. */
export function readLinuxUsers(output: string): Told {
  const rows = makeRows('accounts')
  let trait = 'user account'
  let account: string | undefined
  let inGroups = false
  const whole = eachLine(output, (line) => {
    const text = line.trim()
    if (text.includes('[ System Accounts ]')) trait = 'system account'
    else if (text.includes('[ User Accounts ]')) trait = 'user account'
    const [key, value = ''] = keyed(line) ?? []
    if (key === 'user') rows.add('account', { account: (account = value), trait })
    inGroups = key === 'groups' || (inGroups && key === undefined && text !== '')
    const group = key === 'groups' ? value : text
    if (inGroups && ADMINISTRATOR_GROUPS.has(group)) rows.add('account', { account, trait: `member of ${group}` })
  })
  return rows.done(whole)
}

/** `Last Successful logon : Admin`. */
export function readLastLogon(output: string): Told {
  const rows = makeRows('accounts')
  const whole = eachLine(output, (line) => {
    const [key, value] = keyed(line) ?? []
    if (key === 'last successful logon') rows.add('account', { account: value, trait: 'last logged on' })
  })
  return rows.done(whole)
}
