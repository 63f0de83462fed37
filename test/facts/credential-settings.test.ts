/** What belongs to all credentials of a kind stands in one table, and everything that handles credentials knows it from there. */
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { tools } from '../../functions/index.ts'
import { addCredentialOptions, readCredentials } from '../../infra/cli/commands/scan-credentials.ts'
import { CREDENTIAL_SETTING_NAMES, CREDENTIAL_SETTINGS } from '../../lib/facts/credential-settings.ts'
import { credentialFields } from '../../lib/scanners/configuration/fields.ts'
import { refusalOf, resultOf } from '../support/tool-replies.ts'
import { makeWorld } from '../support/world.ts'

const runTool = tools.find(({ name }) => name === 'run_authenticated_scan')!

describe.each(CREDENTIAL_SETTING_NAMES)('%s', (name) => {
  const setting = CREDENTIAL_SETTINGS[name]
  const value = 'portMax' in setting ? 2222 : true
  const login = {
    username: 'u',
    password: 'p',
    auth_method: setting.type === 'SSH' ? 'password' : 'windows password',
  }

  test('is an argument of the run tools and a key of a named credential', () => {
    expect(v.is(runTool.arguments.entries[name]!, value)).toBe(true)
    expect(v.is(runTool.arguments.entries[name]!, 70_000)).toBe(false)
    expect(v.is(credentialFields[name], value)).toBe(true)
  })

  test('reaches the scanner client from a call, and is shown in its settings', async () => {
    const world = makeWorld()
    const args = { targets: '192.0.2.10', scan_type: 'authenticated', ...login, [name]: value }
    const taskId = String(resultOf(await world.call('run_authenticated_scan', args))['task_id'])
    await world.pass(120_000)
    expect(world.scanner().marked(taskId)[0]?.asked.credentials).toMatchObject({ settings: { [name]: value } })
    expect(resultOf(await world.call('get_scan_settings', { task_id: taskId }))).toMatchObject({
      settings: { credentials: { [name]: value } },
    })
  })

  test('is refused beside a configured credential, which has its own', async () => {
    const args = { targets: '192.0.2.10', scan_type: 'authenticated', [name]: value, credential: 'x' }
    const { message } = refusalOf(await makeWorld().call('run_authenticated_scan', args))
    expect(message).toMatch(`Send credential or ${name}, not both`)
  })

  test('is an option of the command line, and of no use without a login', async () => {
    const given = (...args: string[]) => {
      const command = addCredentialOptions(new Command('scan')).exitOverride()
      command.parse(args, { from: 'user' })
      return readCredentials(command.opts(), async () => '')
    }
    const [long = '', takesValue] = setting.option.split(' ')
    const option = takesValue === undefined ? [long] : [long, '2222']
    expect(await given('--credential', 'x', ...option)).toMatchObject({ [name]: value })
    await expect(given(...option)).rejects.toThrow(/Give --username or --credential/)
  })
})
