/** Goal: however many processes want to log in, a rejected login is one rejection for all of them. */
import { expect, test } from 'vitest'
import { MemoryServer } from '../../lib/bus/memory/memory-bus.ts'
import type { LoginMemory } from '../../lib/scanners/login-memory.ts'
import { sharedLogins } from '../../lib/scanners/shared-logins.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeVault } from '../../lib/scans/vault.ts'
import { entryOf, LOGIN } from './support/entry.ts'

function processes() {
  const clock = { ms: 1_000_000 }
  const server = new MemoryServer({ now: () => clock.ms, leaseMs: 30_000 })
  const vault = makeVault('a key that is only for tests')
  const keys = scanKeys(server.keys.prefix)
  const of = (password = LOGIN.password): LoginMemory => {
    const entry = entryOf({ url: 'https://192.0.2.1:8834', ...LOGIN, password })
    return sharedLogins(entry, { bus: server.bus('a worker'), scanKeys: keys, vault })
  }
  return { clock, of, kept: () => JSON.stringify(server.keyspace.hash(keys.logins)) }
}

test('one process logs in at a time, and a dead one does not keep the others from it (L1)', async () => {
  const { clock, of } = processes()
  expect(await of().begin()).toEqual({ times: 0 })
  expect(await of().begin()).toEqual({ wait: 'another tries' })
  clock.ms += 60_000
  expect(await of().begin()).toEqual({ times: 0 })
})

test('of two that ask in the same moment one is let in (L1)', async () => {
  const { of } = processes()
  const [one, other] = await Promise.all([of().begin(), of().begin()])
  expect([one, other].filter((each) => 'times' in each)).toHaveLength(1)
})

test('a rejection is known to every process, and its count goes on (L2)', async () => {
  const { clock, of } = processes()
  await of().begin()
  await of().end({ times: 1, untilMs: clock.ms + 900_000 }, false)
  expect(await of().begin()).toMatchObject({ wait: { times: 1 } })
  clock.ms += 900_000
  expect(await of().begin()).toEqual({ times: 1 })
})

test('a corrected entry is tried at once, and a success is forgotten trouble (L2)', async () => {
  const { clock, of } = processes()
  await of().begin()
  await of().end({ times: 2, untilMs: clock.ms + 900_000 }, false)
  const corrected = of('another')
  expect(await corrected.begin()).toEqual({ times: 0 })
  await corrected.end(undefined, true)
  expect(await corrected.begin()).toEqual({ times: 0 })
})

test('a login that got no answer is neither a rejection nor in the way', async () => {
  const { of } = processes()
  await of().begin()
  await of().end(undefined, false)
  expect(await of().begin()).toEqual({ times: 0 })
})

test('nothing of the login itself is kept', async () => {
  const { of, kept } = processes()
  await of().begin()
  expect(kept()).not.toContain(LOGIN.password)
})
