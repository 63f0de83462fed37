import { describe, expect, test } from 'vitest'
import { ASKED, CAME, meaningOf, whatCame, type Asked, type Came } from '../../../lib/scanners/nessus/answer-table.ts'

const own = JSON.stringify({ error: 'because' })

test.each<[number, string, Came]>([
  [200, '{}', 'data'],
  [200, '', 'nothing'],
  [200, ' \n', 'nothing'],
  [200, '<html></html>', 'page'],
  [200, '{"scans":[', 'page'],
  [204, '', 'page'],
  [302, own, 'redirect'],
  [401, own, 'unauthorized'],
  [401, '<html>', 'unauthorized'],
  [403, own, 'forbidden'],
  [403, '<html>', 'foreign'],
  [404, own, 'missing'],
  [404, '<html>', 'foreign'],
  [404, '', 'foreign'],
  [404, '{"message":"no Route matched"}', 'foreign'],
  [404, '{"error":"The requ', 'foreign'],
  [404, '{"error":{"code":404}}', 'foreign'],
  [405, own, 'refused'],
  [400, '<html>', 'foreign'],
  [408, '', 'busy'],
  [409, '', 'conflict'],
  [412, '', 'precondition'],
  [429, own, 'busy'],
  [500, own, 'broken'],
  [500, '{"status":"error"}', 'failed'],
  [502, '<html>', 'broken'],
  [503, '{"status":"loading"}', 'busy'],
  [504, '', 'broken'],
])('%i with %j is sorted as %s', (status, text, came) => {
  expect(whatCame({ status, text })).toBe(came)
})

describe('an answer', () => {
  const AFTER_LAUNCH: readonly Asked[] = ASKED.filter(
    (asked) => !['prepare', 'create', 'launch', 'export'].includes(asked),
  )
  const of = (asked: readonly Asked[]) => asked.flatMap((each) => CAME.map((came) => meaningOf(each, came)))

  test('never says for good that a scan cannot go on while it may run (AT4)', () => {
    expect(of(AFTER_LAUNCH).filter((meaning) => ['request', 'role', 'licence'].includes(meaning))).toEqual([])
  })

  test('about us or the way never says that something is gone, done or refused (AT2)', () => {
    const wayward = ['redirect', 'unauthorized', 'busy', 'broken'] as const
    const meanings = ASKED.flatMap((asked) => wayward.map((came) => meaningOf(asked, came)))
    expect(meanings.filter((meaning) => !['us', 'way', 'busy'].includes(meaning))).toEqual([])
  })

  test('says that something is gone only in the words of the scanner (AT1)', () => {
    const gone = CAME.filter((came) => ASKED.some((asked) => meaningOf(asked, came) === 'gone'))
    expect(gone).toEqual(['missing', 'failed'])
  })

  test('with a page counts as done nowhere but where bytes are fetched', () => {
    expect(ASKED.filter((asked) => meaningOf(asked, 'page') === 'done')).toEqual(['download'])
  })
})
