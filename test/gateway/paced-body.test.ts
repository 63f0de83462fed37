import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { encoded, pacedBody } from '../../lib/gateway/http/paced-body.ts'

function source(count: number, fails?: Error) {
  const seen = { made: 0, ended: false }
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let n = 0; n < count; n++) {
        seen.made++
        yield Buffer.from(String(n))
      }
      if (fails) throw fails
    } finally {
      seen.ended = true
    }
  }
  return { seen, pieces: pieces() }
}
const connection = () => ({ destroyed: false, destroy: vi.fn(), once: vi.fn() }) as never

test('all pieces arrive, in order', async () => {
  async function* texts() {
    yield 'a'
    yield 'ü'
  }
  expect(await new Response(await pacedBody(encoded(texts()))).text()).toBe('aü')
})

test('what goes wrong before the first piece is thrown', async () => {
  const { pieces } = source(0, new Error('no such field'))
  await expect(pacedBody(pieces)).rejects.toThrow('no such field')
})

test('what goes wrong later cuts the connection, so that half an answer is not taken for the whole', async () => {
  const { pieces, seen } = source(2, new Error('damaged'))
  const cut = vi.fn()
  const body = await pacedBody(pieces, { connection: { destroyed: false, destroy: cut, once: vi.fn() } as never })
  await expect(new Response(body).text()).rejects.toThrow()
  expect(cut).toHaveBeenCalled()
  expect(seen.ended).toBe(true)
})

test('no more is made than is read', async () => {
  const { pieces, seen } = source(1000)
  const body = await pacedBody(pieces, { connection: connection() })
  await turn()
  expect(seen.made).toBeLessThan(4)
  await body.cancel()
  expect(seen.ended).toBe(true)
})

test('a reader that takes nothing is hung up on, and what the pieces hold is given back', async () => {
  const { pieces, seen } = source(1000)
  const cut = vi.fn()
  const body = await pacedBody(pieces, {
    connection: { destroyed: false, destroy: cut, once: vi.fn() } as never,
    stallMs: 5,
  })
  await expect.poll(() => seen.ended).toBe(true)
  expect(cut).toHaveBeenCalled()
  await expect(new Response(body).text()).rejects.toThrow('took nothing')
})
