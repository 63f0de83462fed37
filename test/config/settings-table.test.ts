import { expect, test } from 'vitest'
import { loadSettings } from '../../config/settings.ts'
import { settingNames, settingsMarkdown, settingsTable } from '../../config/settings-table.ts'

// The page is a file snapshot, so that `npm run docs` (this test with --update) writes it.
test('docs/settings.md is the generated table', async () => {
  await expect(settingsMarkdown()).toMatchFileSnapshot('../../docs/settings.md')
})

test('every default is accepted by its own schema', () => {
  const env = Object.fromEntries(settingsTable().map((row) => [row.name, row.default]))
  expect(loadSettings(env)).toEqual(loadSettings({}))
})

test('every setting is described in a sentence and is listed once', () => {
  const rows = settingsTable()
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length)
  expect(rows.filter((row) => !/^[A-Z`].{15,}\.$/.test(row.description))).toEqual([])
})

test('a name that carries a unit agrees with the unit column', () => {
  const units: Record<string, string> = { SECONDS: 's', HOURS: 'h', DAYS: 'd', BYTES: 'bytes' }
  const wrong = settingsTable().filter((row) => {
    const expected = units[row.name.split('_').at(-1) ?? '']
    return expected !== undefined && row.unit !== expected
  })
  expect(wrong).toEqual([])
})

test('only secrets have a *_FILE form', () => {
  const names = settingNames()
  expect(names).toContain('SECRET_KEY_FILE')
  expect(names).toContain('REDIS_URL_FILE')
  expect(names).not.toContain('PORT_FILE')
})
