import { describe, expect, test } from 'vitest'
import { MemoryServer } from '../../lib/bus/memory/memory-bus.ts'
import { begin, compileChange, erase, update, type ScanChange } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeScans } from '../../lib/scans/scans.ts'
import { legalOrigins, STATUSES } from '../../lib/scans/states.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'
import { START_MS } from '../support/world.ts'

function makeStore() {
  const server = new MemoryServer({ now: () => START_MS, leaseMs: 1000 })
  const keys = scanKeys(server.keys.prefix)
  const scans = makeScans(server.keyspace, keys)
  const commit = (change: ScanChange) => server.commit(compileChange(change, keys, server.keys), [])
  const read = async () => (await scans.get(TASK))!
  return { server, keys, scans, commit, read }
}
type Store = ReturnType<typeof makeStore>

const admission = { status: 'running', step: 'creating', scanner_instance: 'one' } as const

async function admit(store: Store, capacity = 2) {
  return store.commit(update(await store.read(), admission, { capacity }))
}

describe('in a waiting queue exactly while queued (C1)', () => {
  test.each([undefined, 'one'])('pinned to %s', async (pinned_instance) => {
    const store = makeStore()
    const queue = store.keys.waiting('lab', pinned_instance)
    store.commit(begin(queuedScan({ ...(pinned_instance && { pinned_instance }) })))
    expect(await store.server.keyspace.range(queue, 0, -1)).toEqual([TASK])
    await admit(store)
    expect(await store.server.keyspace.count(queue)).toBe(0)
  })

  test('a replay into the queue of one scanner puts it there', async () => {
    const store = makeStore()
    store.commit(begin(queuedScan()))
    await admit(store)
    store.commit(update(await store.read(), { status: 'failed' }))
    const change = update(await store.read(), { status: 'queued', pinned_instance: 'one' }, { replay: true })
    expect(store.commit(change)).toBe('settled')
    expect(await store.server.keyspace.count(store.keys.waiting('lab'))).toBe(0)
    expect(await store.server.keyspace.range(store.keys.waiting('lab', 'one'), 0, -1)).toEqual([TASK])
  })
})

describe('holds a slot exactly while running (C2)', () => {
  test.each(['completed', 'failed', 'timeout', 'canceled'] as const)('%s frees it', async (status) => {
    const store = makeStore()
    store.commit(begin(queuedScan()))
    expect(await store.scans.used('lab/one')).toBe(0)
    await admit(store)
    store.commit(update(await store.read(), { progress: 5 }))
    expect(await store.scans.holders('lab/one')).toEqual([TASK])
    store.commit(update(await store.read(), { status }))
    expect(await store.scans.used('lab/one')).toBe(0)
  })

  test('what people made on the scanner takes none', async () => {
    const store = makeStore()
    store.commit(begin(queuedScan({ ...admission, origin: 'adopted' })))
    expect(await store.scans.used('lab/one')).toBe(0)
  })

  test('a record that is erased frees its slot too', async () => {
    const store = makeStore()
    store.commit(begin(queuedScan()))
    await admit(store)
    store.commit(erase(await store.read()))
    expect(await store.scans.used('lab/one')).toBe(0)
    expect(await store.scans.get(TASK)).toBeUndefined()
  })
})

test('no admission goes above the capacity (C3)', async () => {
  const store = makeStore()
  store.commit(begin(queuedScan()))
  store.server.keyspace.apply(['SADD', store.keys.slots('lab/one'), 'another'])
  expect(await admit(store, 1)).toBe('stale')
  expect(await store.read()).toMatchObject({ status: 'queued', revision: 1 })
  expect(await admit(store, 2)).toBe('settled')
})

describe('one revision after the other (C4)', () => {
  test('of two changes made from the same knowledge, one takes effect', async () => {
    const store = makeStore()
    store.commit(begin(queuedScan()))
    const scan = await store.read()
    expect(store.commit(update(scan, { name: 'first' }))).toBe('settled')
    expect(store.commit(update(scan, { name: 'second' }))).toBe('stale')
    expect(await store.read()).toMatchObject({ name: 'first', revision: 2 })
  })

  test('a scan begins once', () => {
    const store = makeStore()
    expect(store.commit(begin(queuedScan()))).toBe('settled')
    expect(store.commit(begin(queuedScan()))).toBe('stale')
  })

  test('each change is told to the log', async () => {
    const store = makeStore()
    store.commit(begin(queuedScan()))
    await admit(store)
    store.commit(erase(await store.read()))
    const log = store.server.keyspace.stream(store.server.keys.log)
    expect(log.map(({ fields }) => `${fields['revision']} ${fields['status']}`)).toEqual([
      '1 queued',
      '2 running',
      '2 deleted',
    ])
  })
})

describe('states', () => {
  test.each([
    ['completed', 'running'],
    ['canceled', 'failed'],
    ['failed', 'completed'],
    ['completed', 'queued'],
  ] as const)('%s does not become %s', async (from, to) => {
    const store = makeStore()
    store.commit({ ...begin(queuedScan({ status: from })), restored: true })
    expect(store.commit(update(await store.read(), { status: to }))).toBe('illegal')
    expect(await store.read()).toMatchObject({ status: from })
  })

  test('replay alone leads out of failed', () => {
    for (const status of STATUSES) {
      const plain = legalOrigins(status, { replay: false }).filter((from) => from === 'failed' && status !== 'failed')
      expect(plain).toEqual([])
    }
    expect(legalOrigins('running', { replay: true })).toContain('failed')
    expect(legalOrigins('completed', { replay: true })).not.toContain('failed')
    expect(legalOrigins('completed', { replay: false, repair: true })).toContain('failed')
    expect(legalOrigins('running', { replay: false, repair: true })).not.toContain('failed')
  })

  test('sealed credentials are kept while the scan goes on and erased when it ends', async () => {
    const store = makeStore()
    const vaultKey = store.keys.vault('ref')
    store.server.keyspace.apply(['SET', vaultKey, 'sealed', 'PX', '1000'])
    const credentials: Scan['credentials'] = { kind: 'sealed', ref: 'ref', shown: {} }
    store.commit(begin(queuedScan({ credentials })))
    await admit(store)
    expect(await store.server.keyspace.get(vaultKey)).toBe('sealed')
    store.commit(update(await store.read(), { status: 'failed' }))
    expect(await store.server.keyspace.get(vaultKey)).toBeUndefined()
  })
})
