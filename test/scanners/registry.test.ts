import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import type { ScannerEntry } from '../../lib/scanners/entry.ts'
import { makeRegistry, type ReloadableRegistry } from '../../lib/scanners/registry.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'

const scanner = (id: string, url = 'http://n') => `  - {instance_id: ${id}, url: "${url}", username: u, password: p}\n`

let folder: string
let registry: ReloadableRegistry | undefined
const errors: string[] = []
const closed: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'registry-'))
  errors.length = 0
  closed.length = 0
})
afterEach(async () => {
  await registry?.close()
  registry = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** A client that only knows how to be closed. */
const fakeScanner = (entry: ScannerEntry) =>
  ({
    async close() {
      closed.push(`${entry.key} ${entry.url}`)
    },
  }) as unknown as Scanner

const open = (file = join(folder, 'scanners.yaml'), retireMs = 60_000) => {
  const log = { ...silentLog, error: (_: string, fields?: object) => void errors.push(JSON.stringify(fields)) }
  registry = makeRegistry({ file, env: {}, log, makeScanner: fakeScanner, retireMs })
  return registry
}

describe('makeRegistry', () => {
  test('has no scanners where there is no file, and finds those of a file that appears', () => {
    const registry = open()
    expect(registry.entries()).toEqual([])
    expect(registry.pools()).toEqual([])
    writeFileSync(join(folder, 'scanners.yaml'), `lan:\n${scanner('a')}`)
    registry.reload()
    expect(registry.pools()).toEqual(['lan'])
    expect(registry.find('lan/a')?.url).toBe('http://n')
  })

  test('refuses a bad file at the start', () => {
    writeFileSync(join(folder, 'scanners.yaml'), 'lan: 5')
    expect(() => open()).toThrow(/lan: expected a list/)
  })

  test('names near keys when a scanner is unknown', () => {
    writeFileSync(join(folder, 'scanners.yaml'), `lan:\n${scanner('alpha')}`)
    expect(() => open().scanner('lan/alpa')).toThrow(/no scanner lan\/alpa .* did you mean lan\/alpha\?/)
  })
})

describe('reload', () => {
  test('changes nothing when the file is bad or gone, and says why', () => {
    const file = join(folder, 'scanners.yaml')
    writeFileSync(file, `lan:\n${scanner('a')}credentials: {x: {username: u, password: p}}\n`)
    const registry = open()
    const client = registry.scanner('lan/a')
    writeFileSync(file, `dmz:\n${scanner('b')}lan: 5\n`)
    expect(() => registry.reload()).toThrow(/line 3: lan: expected a list/)
    rmSync(file)
    expect(() => registry.reload()).toThrow(/the file is gone/)
    expect(registry.pools()).toEqual(['lan'])
    expect(registry.scanner('lan/a')).toBe(client)
    expect(registry.credential('x')?.credentials).toMatchObject({ username: 'u' })
    expect(closed).toEqual([])
  })

  test('keeps the client of an unchanged entry and makes a new one for a changed one', async () => {
    const file = join(folder, 'scanners.yaml')
    writeFileSync(file, `lan:\n${scanner('a')}${scanner('b')}`)
    const registry = open(file, 0)
    const [a, b] = [registry.scanner('lan/a'), registry.scanner('lan/b')]
    let reloads = 0
    const reloaded = new Promise<void>((resolve) =>
      registry.onReload(() => {
        reloads += 1
        resolve()
      }),
    )
    writeFileSync(file, `lan:\n${scanner('b', 'http://other')}${scanner('a')}`)
    registry.reload()
    await reloaded
    expect(reloads).toBe(1)
    expect(registry.scanner('lan/a')).toBe(a)
    expect(registry.scanner('lan/b')).not.toBe(b)
    await expect.poll(() => closed).toEqual(['lan/b http://n'])
  })

  test('leaves a dropped client open for the calls under way, until the registry closes', async () => {
    const file = join(folder, 'scanners.yaml')
    writeFileSync(file, `lan:\n${scanner('a')}`)
    const registry = open(file)
    registry.scanner('lan/a')
    writeFileSync(file, '')
    registry.reload()
    expect(closed).toEqual([])
    await registry.close()
    expect(closed).toEqual(['lan/a http://n'])
  })
})

describe('watch', () => {
  test('reloads when the file is replaced, and logs a bad one', async () => {
    const file = join(folder, 'scanners.yaml')
    writeFileSync(file, `lan:\n${scanner('a')}`)
    const registry = open(file)
    registry.watch()
    writeFileSync(`${file}.new`, `dmz:\n${scanner('b')}`)
    renameSync(`${file}.new`, file)
    await expect.poll(() => registry.pools(), { timeout: 10_000 }).toEqual(['dmz'])
    writeFileSync(file, 'dmz: 5')
    await expect.poll(() => errors.length, { timeout: 10_000 }).toBe(1)
    expect(errors[0]).toMatch(/dmz: expected a list/)
    expect(registry.pools()).toEqual(['dmz'])
  })

  test('sees a folder swapped behind a symbolic link, as Kubernetes does', async () => {
    for (const [version, pool] of [
      ['v1', 'lan'],
      ['v2', 'dmz'],
    ] as const) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'scanners.yaml'), `${pool}:\n${scanner('a')}`)
    }
    symlinkSync('v1', join(folder, '..data'))
    symlinkSync('..data/scanners.yaml', join(folder, 'scanners.yaml'))
    const registry = open()
    registry.watch()
    symlinkSync('v2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await expect.poll(() => registry.pools(), { timeout: 10_000 }).toEqual(['dmz'])
  })
})
