import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
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
/** A connection that knows whether it was cut. */
function makeConnection() {
  const connection = { destroyed: false, destroy: () => (connection.destroyed = true), once: () => connection }
  return connection
}

test('all pieces arrive, in order', async () => {
  async function* texts() {
    yield 'a'
    yield 'ü'
  }
  expect(await new Response(await pacedBody(encoded(texts()))).text()).toBe('aü')
})

test('what goes wrong before the first piece is thrown (P1)', async () => {
  const { pieces } = source(0, new Error('no such field'))
  await expect(pacedBody(pieces)).rejects.toThrow('no such field')
})

test('what goes wrong later cuts the connection, so that half an answer is not taken for the whole (P2)', async () => {
  const { pieces, seen } = source(2, new Error('damaged'))
  const connection = makeConnection()
  const body = await pacedBody(pieces, { connection: connection as never })
  await expect(new Response(body).text()).rejects.toThrow('damaged')
  expect(connection.destroyed).toBe(true)
  expect(seen.ended).toBe(true)
})

test('no more is made than is read', async () => {
  const { pieces, seen } = source(1000)
  const body = await pacedBody(pieces, { connection: makeConnection() as never })
  await turn()
  expect(seen.made).toBeLessThan(4)
  await body.cancel()
  expect(seen.ended).toBe(true)
})

test('a reader that takes nothing is disconnected, and what the pieces hold is given back (P3)', async () => {
  const { pieces, seen } = source(1000)
  const connection = makeConnection()
  const body = await pacedBody(pieces, { connection: connection as never, stallMs: 5 })
  await expect.poll(() => seen.ended).toBe(true)
  expect(connection.destroyed).toBe(true)
  await expect(new Response(body).text()).rejects.toThrow('took nothing')
})
