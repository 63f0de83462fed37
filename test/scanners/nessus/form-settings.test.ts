/** The settings of a call in the words of the scanner's own form; the forms here are written after the fact sheet and what old clients read, not after ours. */
import { describe, expect, test } from 'vitest'
import { CallerMistake } from '../../../lib/base/errors.ts'
import type { ScanSetup } from '../../../lib/facts/scan-settings.ts'
import { formSettings } from '../../../lib/scanners/nessus/form-settings.ts'

const field = (id: string, more: object = {}) => ({ id, name: id, type: 'entry', default: '', ...more })
const part = (...inputs: object[]) => ({ groups: [{ name: 'x', sections: [{ name: 'y', inputs }] }] })
const ADVANCED = {
  settings: {
    basic: { inputs: [field('name')] },
    discovery: part(field('ping_the_remote_host', { options: ['yes', 'no'] }), field('portscan_range')),
    advanced: part(
      field('safe_checks'),
      field('max_checks_per_host'),
      field('max_hosts_per_scan'),
      field('reduce_connections_on_congestion'),
    ),
  },
  plugins: { families: { DNS: { id: 1 }, 'Web Servers': { id: 2 }, Settings: { id: 3 }, 'Port scanners': { id: 4 } } },
}
const modes = (...names: string[]) => ({ id: 'discovery_mode', options: names.map((name) => ({ name, desc: '' })) })
const errorOf = (settings: ScanSetup, form: unknown) => {
  try {
    formSettings(settings, form, 'basic')
  } catch (error) {
    return error as CallerMistake
  }
  throw new Error('expected a mistake')
}

test('each setting is sent under the id of the form, as the words that the form takes', () => {
  const all: Required<Omit<ScanSetup, 'plugins' | 'audits'>> = {
    port_range: '1-1024',
    ping: false,
    max_hosts_at_once: 10,
    max_checks_at_once: 2,
    slow_when_congested: true,
    safe_checks: true,
    plugin_families: ['dns'],
  }
  expect(formSettings(all, ADVANCED, 'advanced')).toEqual({
    settings: {
      portscan_range: '1-1024',
      ping_the_remote_host: 'no',
      max_hosts_per_scan: '10',
      max_checks_per_host: '2',
      reduce_connections_on_congestion: 'yes',
      safe_checks: 'yes',
    },
    // What tells how a scan went stays on.
    plugins: {
      DNS: { status: 'enabled' },
      'Web Servers': { status: 'disabled' },
      Settings: { status: 'enabled' },
      'Port scanners': { status: 'enabled' },
    },
  })
  expect(formSettings({}, ADVANCED, 'advanced')).toEqual({ settings: {} })
})

describe('a field that counts in one mode alone', () => {
  test('brings that mode, where its part of the form has modes', () => {
    const discovery = { ...part(field('portscan_range')), modes: modes('Port scan (all ports)', 'Custom') }
    const form = { settings: { discovery } }
    expect(formSettings({ port_range: '80' }, form, 'basic').settings).toEqual({
      discovery_mode: 'Custom',
      portscan_range: '80',
    })
  })

  test('brings the choices under which it stands, however deep', () => {
    const inner = { id: 'how', options: [{ name: 'Plain' }, { name: 'By hand', inputs: [field('portscan_range')] }] }
    const outer = { id: 'scan_type', options: [{ name: 'Quick' }, { name: 'Custom', inputs: [inner] }] }
    const form = { settings: { discovery: { inputs: [outer] } } }
    expect(formSettings({ port_range: '80' }, form, 'basic').settings).toEqual({
      scan_type: 'Custom',
      how: 'By hand',
      portscan_range: '80',
    })
  })
})

test.each<[string, ScanSetup, unknown, RegExp]>([
  ['a field that is not there', { port_range: '80' }, { settings: {} }, /settings\.port_range: template basic has no/],
  ['a form that is none', { ping: true }, 'page', /settings\.ping: .*no such setting/],
  [
    'a word that the field does not take',
    { ping: true },
    { settings: [field('ping_the_remote_host', { options: ['on', 'off'] })] },
    /expected one of on, off, got "yes"/,
  ],
  ['families, where nobody chooses them', { plugin_families: ['DNS'] }, { settings: {} }, /advanced does/],
  ['a family that is not there', { plugin_families: ['Web Server'] }, ADVANCED, /did you mean Web Servers.*it has DNS/],
])('%s is for the caller to mend, and is not sent', (_what, settings, form, message) => {
  const error = errorOf(settings, form)
  expect(error).toBeInstanceOf(CallerMistake)
  expect(error.message).toMatch(message)
})
