import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ReportPart } from '../../../infra/simulator/report/read-report.ts'
import { readReport } from '../../../infra/simulator/report/read-report.ts'
import type { World } from './support.ts'
import { fetchReport, startWorld } from './support.ts'

const GOAD = '../shared/data/goad.nessus'

async function runScan(world: World, settings: object = {}, ssh?: object, type = 'SSH'): Promise<number> {
  const id = await world.create(settings, ssh ? { credentials: { add: { Host: { [type]: [ssh] } } } } : {})
  await world.call('POST', `/scans/${id}/launch`)
  world.pass(200)
  return id
}

async function read(document: string): Promise<{ hosts: string[]; items: ReportPart[]; wellFormed: boolean }> {
  const hosts: string[] = []
  const items: ReportPart[] = []
  const visitor = { host: (name: string) => void hosts.push(name), item: (item: ReportPart) => void items.push(item) }
  const wellFormed = await readReport(Readable.from([document]), visitor, true)
  return { hosts, items, wellFormed }
}

const pluginsOf = (items: readonly ReportPart[]): Set<number> => new Set(items.map((item) => item.pluginId))

describe('the report of a scan', () => {
  it('has the targets of the scan for hosts, networks spelled out, names escaped', async () => {
    const world = await startWorld()
    const id = await runScan(world, { name: '<a> & "b"', text_targets: '10.1.2.0/30, 10.9.0.1-3\nweb.example.test' })
    const document = await fetchReport(world, id)
    const { hosts, items, wellFormed } = await read(document)
    expect(wellFormed).toBe(true)
    const names = '10.1.2.0 10.1.2.1 10.1.2.2 10.1.2.3 10.9.0.1 10.9.0.2 10.9.0.3 web.example.test'
    expect(hosts).toEqual(names.split(' '))
    expect(document).toContain('<tag name="host-ip">10.9.0.2</tag>')
    expect(document).toContain('<tag name="host-fqdn">web.example.test</tag>')
    expect(document).toContain('<Report name="&lt;a&gt; &amp; &quot;b&quot;"')
    expect(document).not.toContain('192.0.2.10')
    expect(document).toMatch(/HOST_START">Mon Jan {2}5 09:0\d:\d\d 2026</)
    expect(new Set(items.map((item) => item.severity))).toEqual(new Set([0, 1, 2, 3, 4]))
  })

  it('agrees with the counts on the page of the scan', async () => {
    const world = await startWorld()
    const id = await runScan(world, { text_targets: '10.0.0.1,10.0.0.2' })
    const { hosts, vulnerabilities } = (await world.call('GET', `/scans/${id}`)).json
    const { items } = await read(await fetchReport(world, id))
    const critical = items.filter((item) => item.severity === 4).length
    expect(hosts[0].critical + hosts[1].critical).toBe(critical)
    expect(vulnerabilities.length).toBe(pluginsOf(items).size)
    const host = `/scans/${id}/hosts/${hosts[0].host_id}`
    expect((await world.call('GET', host)).json['vulnerabilities'].length).toBeGreaterThan(10)
    const { outputs } = (await world.call('GET', `${host}/plugins/19506`)).json
    expect(outputs[0].plugin_output).toMatch(/^Credentialed checks : no$/m)
  })

  it.each([
    ['a plain scan', undefined, [110723, 153884, 42873], [141118]],
    [
      'a good login with sudo',
      { elevate_privileges_with: 'sudo', escalation_password: 's' },
      [141118, 117887],
      [110385],
    ],
    ['a good login as it is', {}, [141118, 117887], [110385, 104410]],
    ['a wrong password', { password: 'wrong' }, [104410, 21745], [141118]],
    ['a wrong sudo password', { elevate_privileges_with: 'sudo', escalation_password: 'wrong' }, [110385, 102094], []],
    ['a method in the wrong case', { auth_method: 'Password' }, [110723], [141118]],
    ['a key that was never uploaded', { auth_method: 'public key', private_key: 'k' }, [104410], [141118]],
  ])('tells the story of %s', async (_, extra, present, absent) => {
    const world = await startWorld()
    const ssh = extra && { auth_method: 'password', username: 'scanner', password: 's', ...extra }
    const { items } = await read(await fetchReport(world, await runScan(world, {}, ssh)))
    const plugins = pluginsOf(items)
    expect(present.filter((plugin) => !plugins.has(plugin))).toEqual([])
    expect(absent.filter((plugin) => plugins.has(plugin))).toEqual([])
  })

  it('says that escalation worked only where it did', async () => {
    const world = await startWorld()
    const ssh = { auth_method: 'password', username: 'scanner', password: 's', elevate_privileges_with: 'sudo' }
    const good = await fetchReport(world, await runScan(world, {}, { ...ssh, escalation_password: 's' }))
    const bad = await fetchReport(world, await runScan(world, {}, { ...ssh, escalation_password: 'wrong' }))
    expect(good).toContain('Escalation: sudo')
    expect(bad).not.toContain('Escalation: sudo')
    expect(bad).toContain("attempt to elevate privileges using 'sudo' failed")
    // A failed sudo still counts as a credentialed scan: the trap that clients must see through.
    expect(bad).toContain("Credentialed checks : yes, as 'scanner' via ssh")
  })

  it('takes Windows logins, whose method is spelled with a capital', async () => {
    const world = await startWorld()
    const windows = { auth_method: 'Password', username: 'scanner', password: 's', domain: 'EXAMPLE' }
    const document = await fetchReport(world, await runScan(world, {}, windows, 'Windows'))
    expect(document).toContain('via SMB')
  })

  it.each([
    ['unsupported-os', 110695],
    ['intermittent', 117885],
    ['dead-host [a mark at the end]', 10180],
  ])('can be asked for by name: %s', async (name, plugin) => {
    const world = await startWorld()
    const { items } = await read(await fetchReport(world, await runScan(world, { name })))
    expect(pluginsOf(items).has(plugin)).toBe(true)
  })

  it('can have no host at all', async () => {
    const world = await startWorld()
    const id = await runScan(world, { name: 'no-hosts' })
    expect((await world.call('GET', `/scans/${id}`)).json['hosts']).toBeNull()
    expect(await read(await fetchReport(world, id))).toMatchObject({ hosts: [], wellFormed: true })
  })

  it('lacks what is written at the end when the run was cut short', async () => {
    const world = await startWorld()
    const id = await world.create({ text_targets: '10.0.0.1,10.0.0.2' })
    await world.call('POST', `/scans/${id}/launch`)
    world.pass(60)
    await world.call('POST', `/scans/${id}/stop`)
    world.pass(60)
    const { items, hosts } = await read(await fetchReport(world, id))
    expect(hosts).toHaveLength(2)
    expect(pluginsOf(items).has(19506)).toBe(false)
    expect(pluginsOf(items).has(110723)).toBe(false)
  })

  it('never shows a secret again', async () => {
    const secrets = ['canary-password', 'canary-escalation', 'canary-passphrase']
    const written: string[] = []
    const keep = (message: string, fields?: object): void => void written.push(message, JSON.stringify(fields ?? {}))
    const world = await startWorld({ log: { debug: keep, info: keep, warn: keep, error: keep } })
    const [password, escalation, passphrase] = secrets
    const id = await runScan(
      world,
      {},
      {
        auth_method: 'password',
        username: 'scanner',
        password,
        pasword: password,
        elevate_privileges_with: 'sudo',
        escalation_password: escalation,
        private_key_passphrase: passphrase,
      },
    )
    const editor = (await world.call('GET', `/editor/scan/${id}`)).text
    expect(editor).toContain('"escalation_password":"********"')
    const shown = [editor, (await world.call('GET', `/scans/${id}`)).text, await fetchReport(world, id), ...written]
    for (const secret of secrets) expect(shown.join('\n')).not.toContain(secret)
    expect(written.join()).toContain('SSH.pasword')
  })
})

describe('reports of a folder', () => {
  function folderWith(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-reports-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return folder
  }

  it('come byte for byte, damaged ones too, chosen in turn, by name or by order of the test', async () => {
    const files = { 'one.nessus': '<broken>\r\n é', 'two.nessus': '<NessusClientData_v2/>' }
    const world = await startWorld({ reportsDirs: [folderWith(files)] })
    const inTurn = [await runScan(world), await runScan(world)]
    const texts = [await fetchReport(world, inTurn[0] ?? 0), await fetchReport(world, inTurn[1] ?? 0)]
    expect(new Set(texts)).toEqual(new Set(Object.values(files)))
    expect(await fetchReport(world, await runScan(world, { name: 'weekly scan of ONE' }))).toBe(files['one.nessus'])
    expect(await fetchReport(world, await runScan(world, { text_targets: 'two' }))).toBe(files['two.nessus'])
    world.simulator.control.reportFor('special', 'two')
    expect(await fetchReport(world, await runScan(world, { name: 'a special one' }))).toBe(files['two.nessus'])
    expect(() => world.simulator.control.reportFor(1, 'nine')).toThrow(/expected one of .*network.*; got "nine"/)
  })

  it('must hold a report', async () => {
    await expect(startWorld({ reportsDirs: [folderWith({ 'a.txt': '' })] })).rejects.toThrow('found none')
  })

  it.skipIf(!existsSync(GOAD))('are the real thing: hosts and bytes of a real report', async () => {
    const world = await startWorld({ reportsDirs: ['../shared/data'] })
    const id = await runScan(world, { name: 'goad lab' })
    const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
    expect((await world.call('GET', `/scans/${id}`)).json['hosts']).toHaveLength(5)
    expect(sha256(await fetchReport(world, id))).toBe(sha256(readFileSync(GOAD)))
  })
})
