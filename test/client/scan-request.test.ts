import { describe, expect, it } from 'vitest'
import { idempotencyKey } from '../../lib/client/idempotency-key.ts'
import { runCall } from '../../lib/client/scan-request.ts'

const plain = { targets: ['192.0.2.1', '192.0.2.2'], name: 'x' }

describe('the run tool of a request', () => {
  it('looks from outside without credentials', async () => {
    expect(await runCall(plain)).toEqual({
      tool: 'run_untrusted_scan',
      args: { targets: '192.0.2.1,192.0.2.2', name: 'x' },
    })
  })

  it.each([
    [{ credential: 'linux-prod' }, 'authenticated'],
    [{ username: 'audit', password: 'p' }, 'authenticated'],
    [{ username: 'audit', password: 'p', elevate_privileges_with: 'Nothing' as const }, 'authenticated'],
    [{ username: 'audit', password: 'p', elevate_privileges_with: 'sudo' as const }, 'authenticated_privileged'],
    [{ credential: 'admin', scan_type: 'authenticated_privileged' as const }, 'authenticated_privileged'],
  ])('logs in with %j as %s', async (login, scanType) => {
    const { tool, args } = await runCall({ ...plain, ...login })
    expect({ tool, type: 'scan_type' in args && args.scan_type }).toEqual({
      tool: 'run_authenticated_scan',
      type: scanType,
    })
  })
})

it('may have its name under the older word for it', async () => {
  const { args } = await runCall({ targets: '192.0.2.1', scan_name: 'Weekly', idempotent: true })
  expect(args).toMatchObject({ scan_name: 'Weekly' })
})

describe('the derived idempotency key', () => {
  it('is the same for the same request, in any order of fields', async () => {
    const key = await idempotencyKey('run', { a: 1, b: { c: [1, 2], d: null } })
    expect(await idempotencyKey('run', { b: { d: null, c: [1, 2] }, a: 1 })).toBe(key)
    expect(await idempotencyKey('run', { a: 1, b: { c: [2, 1], d: null } })).not.toBe(key)
    expect(await idempotencyKey('walk', { a: 1, b: { c: [1, 2], d: null } })).not.toBe(key)
  })

  it('tells nothing of a secret', async () => {
    const secrets = { password: 'p', private_key: 'k', escalation_password: 'e', passphrase: 's', ssh_password: 'h' }
    expect(await idempotencyKey('run', { a: 1, ...secrets })).toBe(await idempotencyKey('run', { a: 1 }))
  })

  it('gives way to a key of the caller', async () => {
    const { args } = await runCall({ ...plain, idempotent: true, idempotency_key: 'mine' })
    expect(args.idempotency_key).toBe('mine')
  })
})
