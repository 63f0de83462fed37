import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCallerQuota } from '../../lib/gateway/caller-quota.ts'
import { makeTurns } from '../../lib/gateway/turns.ts'

const BUSY = { code: 'busy', details: { retry_after_seconds: 5 } }
const refusalOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('a caller has so many places, and the others have theirs', () => {
  const places = makeCallerQuota({ what: 'uploads', perCaller: 2, inAll: 3 })
  const give = places.take('ann')
  places.take('ann')
  expect(refusalOf(() => places.take('ann'))).toMatchObject(BUSY)
  places.take('bob')
  expect(refusalOf(() => places.take('cid'))).toMatchObject(BUSY)
  give()
  give()
  places.take('cid')
  expect(places.taken).toBe(3)
})

test('where callers have no names, only the limit in all holds', () => {
  const places = makeCallerQuota({ what: 'uploads', perCaller: 1, inAll: 3 })
  for (let n = 0; n < 3; n++) places.take(undefined)
  expect(refusalOf(() => places.take(undefined))).toMatchObject(BUSY)
})

test('amounts count, and what is larger than a share goes alone', () => {
  const places = makeCallerQuota({ what: 'bytes', perCaller: 10, inAll: 100 })
  const give = places.take('ann', 50)
  expect(refusalOf(() => places.take('ann', 1))).toMatchObject(BUSY)
  give()
  places.take('ann', 1)
})

const makeLine = (more: Partial<Parameters<typeof makeTurns>[0]> = {}) =>
  makeTurns({ what: 'calls', perKey: 2, perUnnamed: 3, inAll: 3, linePerCaller: 100, lineInAll: 1000, ...more })

test('of one key so many go at a time, and who comes later with another waits for none of its line (T2)', async () => {
  const turns = makeLine()
  const went: string[] = []
  const go = async (caller: string, name: string) => {
    const end = await turns.take({ caller, kind: 'x' })
    went.push(name)
    return end
  }
  const ends = Array.from({ length: 50 }, (_, n) => go('ann', `ann ${n}`))
  await turn()
  expect(went).toHaveLength(2)
  const bob = [go('bob', 'bob 0'), go('bob', 'bob 1')]
  await turn()
  expect(went).toEqual(['ann 0', 'ann 1', 'bob 0'])
  ;(await ends[0]!)()
  await turn()
  ;(await ends[1]!)()
  await turn()
  expect(went).toContain('bob 1')
  for (const each of bob) (await each)()
})

test('all that waited get their turn, in order, and nothing is left over', async () => {
  const turns = makeLine()
  const went: number[] = []
  const work = async (n: number) => {
    const end = await turns.take({ caller: 'ann', kind: 'x' })
    went.push(n)
    await turn()
    end()
    end()
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => work(n)))
  expect(went).toEqual(Array.from({ length: 40 }, (_, n) => n))
  const end = await turns.take({ caller: 'bob', kind: 'x' })
  end()
})

test('a full line refuses at once, for the one caller (T4)', async () => {
  const turns = makeLine({ linePerCaller: 3 })
  const taken = Array.from({ length: 3 }, () => turns.take({ caller: 'ann', kind: 'x' }))
  await expect(turns.take({ caller: 'ann', kind: 'y' })).rejects.toMatchObject(BUSY)
  ;(await turns.take({ caller: 'bob', kind: 'x' }))()
  ;(await taken[0]!)()
})

test('a line that is full in all refuses a caller who has nothing in it (T4)', async () => {
  const turns = makeLine({ lineInAll: 2 })
  const taken = ['ann', 'bob'].map((caller) => turns.take({ caller, kind: 'x' }))
  await expect(turns.take({ caller: 'cid', kind: 'x' })).rejects.toMatchObject(BUSY)
  for (const each of taken) (await each)()
})

test('who leaves the line takes no turn', async () => {
  const turns = makeLine({ perKey: 1 })
  const first = await turns.take({ caller: 'ann', kind: 'x' })
  const leaving = new AbortController()
  const second = turns.take({ caller: 'ann', kind: 'x', signal: leaving.signal })
  const third = turns.take({ caller: 'ann', kind: 'x' })
  leaving.abort(new Error('left'))
  await expect(second).rejects.toThrow('left')
  first()
  ;(await third)()
})

test('whatever comes and goes, no key has more at a time than it may, all together neither, and the line is free again after (T1)', async () => {
  const turns = makeLine({ linePerCaller: 40 })
  const under = new Map<string, number>()
  let most = 0
  let mostInAll = 0
  const work = async (caller: string) => {
    const end = await turns.take({ caller, kind: 'x' })
    under.set(caller, (under.get(caller) ?? 0) + 1)
    most = Math.max(most, ...under.values())
    mostInAll = Math.max(
      mostInAll,
      [...under.values()].reduce((sum, count) => sum + count, 0),
    )
    await turn()
    under.set(caller, under.get(caller)! - 1)
    end()
  }
  for (let round = 0; round < 3; round++) {
    await Promise.all(['ann', 'bob', 'cid'].flatMap((caller) => Array.from({ length: 40 }, () => work(caller))))
  }
  await Promise.all(Array.from({ length: 40 }, () => work('ann')))
  expect([most, mostInAll]).toEqual([2, 3])
})

test('while others call, a key that shares has its shared number at a time, and all of its own when they are gone (T3)', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const turns = makeLine({ perKey: 3, shared: 1, inAll: 100 })
  const ends: (() => void)[] = []
  const go = (caller: string, shares = true) =>
    void turns.take({ caller, kind: String(shares), shares }).then((end) => ends.push(end))
  const begunOf = async (count: number, ...of: Parameters<typeof go>) => {
    const before = ends.length
    for (let n = 0; n < count; n++) go(...of)
    await turn()
    return ends.length - before
  }
  expect(await begunOf(5, 'ann')).toBe(3)
  turns.note('bob')
  // What does not share keeps its number.
  expect(await begunOf(5, 'ann', false)).toBe(3)
  ends[0]!()
  ends[1]!()
  await turn()
  expect(ends).toHaveLength(6)
  ends[2]!()
  await turn()
  expect(ends).toHaveLength(7)
  vi.advanceTimersByTime(2001)
  ends[6]!()
  await turn()
  expect(ends).toHaveLength(8)
  expect(await begunOf(5, 'ann')).toBe(2)
})
