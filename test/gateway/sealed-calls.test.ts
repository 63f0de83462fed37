/** Goal: what is secret is checked before it is masked, and no message repeats it. */
import { describe, expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { Refusal } from '../../lib/base/errors.ts'
import { prepareCall } from '../../lib/gateway/call-event.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeVault } from '../../lib/scans/vault.ts'

const tool = tools.find(({ name }) => name === 'run_authenticated_scan')!
const vault = makeVault('a key that only this test knows')
const deps = { vault, scanKeys: scanKeys('{test}'), makeId: () => 'ref', digest: () => 'digest' }
const seal = (args: Record<string, unknown>) => prepareCall(tool, args, {}, deps)
const refusalOf = (args: Record<string, unknown>): Refusal => {
  try {
    seal(args)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('expected a refusal')
}

test.each([
  ['a number', { password: 918273645 }, '918273645'],
  ['a list', { ssh_password: ['hunter2'] }, 'hunter2'],
  ['a text that is too long', { escalation_password: 'hunter2'.repeat(1000) }, 'hunter2'],
])('a secret that is %s is refused without being repeated', (_, args, secret) => {
  const refusal = refusalOf(args)
  expect(refusal.code).toBe('invalid_argument')
  expect(refusal.message).toContain(Object.keys(args)[0])
  expect(JSON.stringify([refusal.message, refusal.details])).not.toContain(secret)
})

test('a secret that is right is sealed, and only its mask travels', () => {
  const { data, writes } = seal({
    targets: '192.0.2.1',
    name: 'n',
    scan_type: 'authenticated',
    username: 'scan',
    password: 'hunter2',
  })
  expect(JSON.stringify([data, writes])).not.toContain('hunter2')
  expect(vault.open('ref', writes[0]![2]!)).toEqual({ password: 'hunter2' })
})

describe('what the tool has no place for is refused before anything is published', () => {
  const refused = (name: string, args: Record<string, unknown>): Refusal => {
    try {
      prepareCall(
        tools.find((each) => each.name === name)!,
        args,
        {},
        deps,
      )
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
    throw new Error('expected a refusal')
  }

  const bare = tools.filter(({ arguments: schema }) => Object.keys(schema.entries).length === 0)

  test.each(bare.map((each) => [each.name, each] as const))(
    '%s, which takes none, passes over what it is sent',
    (_name, each) => {
      const { data, writes } = prepareCall(each, { pasword: 'hunter2', random_string: 'hunter2' }, {}, deps)
      expect(JSON.stringify([data, writes])).not.toContain('hunter2')
    },
  )

  test.each(tools.filter((each) => !bare.includes(each)).map(({ name }) => name))('%s', (name) => {
    for (const argument of ['pasword', 'Password', 'api_key', 'constructor', 'prototype', 'toString']) {
      const refusal = refused(name, { [argument]: 'hunter2' })
      expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: [argument] } })
      expect(JSON.stringify([refusal.message, refusal.details])).not.toContain('hunter2')
    }
    expect(refused(name, JSON.parse('{"__proto__":{"password":"hunter2"}}') as Record<string, unknown>).code).toBe(
      'invalid_argument',
    )
  })

  test('a password where no password belongs', () => {
    expect(refused('run_untrusted_scan', { targets: '192.0.2.1', name: 'n', password: 'hunter2' }).message).toContain(
      'no argument password',
    )
    expect(refused('run_authenticated_scan', { pasword: 'hunter2' }).message).toContain('did you mean password')
  })

  test('a password within an argument of another kind', () => {
    const refusal = refused('run_authenticated_scan', { username: { password: 'hunter2' } })
    expect(refusal.message).toContain('username')
    expect(JSON.stringify([refusal.message, refusal.details])).not.toContain('hunter2')
  })

  test.each([
    '{"constructor":"x"}',
    '{"__proto__":{"severity":4}}',
    '{"severity":{"prototype":1}}',
    '{"host":[{"__proto__":1}]}',
  ])('filters that are %s, since no field is called so', (filters) => {
    const refusal = refused('get_scan_results', {
      task_id: 'ns_one_20260301_080000_0123abcd',
      filters: JSON.parse(filters),
    })
    expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: ['filters'] } })
  })

  test('even where they nest deeper than a stack', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}{"constructor":1}${'}'.repeat(50_000)}`) as unknown
    expect(refused('get_scan_results', { filters: deep })).toBeInstanceOf(Refusal)
  })
})
