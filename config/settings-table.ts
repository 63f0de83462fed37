/** The settings as data and as a Markdown table: `docs/settings.md` is this text, and a test compares them. */
import { type SettingDefinition, SETTINGS } from './settings-schema.ts'

export interface SettingRow {
  readonly name: string
  readonly default: string | undefined
  readonly unit: string
  readonly description: string
  readonly secret: boolean
}

/** One row per variable, in the order of the documentation. */
export function settingsTable(): SettingRow[] {
  return Object.values<SettingDefinition>(SETTINGS).map(({ name, default: fallback, unit, description, secret }) => ({
    name,
    default: fallback,
    unit,
    description,
    secret,
  }))
}

/** Every name the environment may hold, the `*_FILE` forms of secrets included. */
export function settingNames(): string[] {
  return settingsTable().flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))
}

/** The whole text of `docs/settings.md`. */
export function settingsMarkdown(): string {
  const rows = settingsTable().map((row) => {
    const note = row.secret ? ` Secret: \`${row.name}_FILE\` may name a file that holds it.` : ''
    return `| \`${row.name}\` | ${defaultCell(row)} | ${row.unit} | ${row.description}${note} |`
  })
  return [
    '# Settings',
    '',
    'Every environment variable the program reads. Written by `npm run docs`: change `config/settings-schema.ts`, not this page.',
    'An empty variable counts as absent. All bad variables are reported at start, together.',
    '',
    '| variable | default | unit | what it is for |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function defaultCell(row: SettingRow): string {
  if (row.default === undefined) return 'none'
  return row.default === '' ? 'empty' : `\`${row.default}\``
}
