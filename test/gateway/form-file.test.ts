import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { formFile } from '../../lib/gateway/http/form-file.ts'
import { seededRandom } from '../support/seeded-random.ts'

const HEAD = 'content-disposition: form-data; name="file"; filename="a.nessus"\r\ncontent-type: text/xml\r\n\r\n'

/** The file of a form that comes in pieces of these lengths, over and over. */
async function fileOf(form: Uint8Array, boundary: string, lengths: readonly number[] = [1_000_000]): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0, n = 0; at < form.length; n++) {
      const length = lengths[n % lengths.length]!
      yield form.subarray(at, at + length)
      at += length
    }
  }
  const got: Uint8Array[] = []
  for await (const piece of formFile(pieces(), `multipart/form-data; boundary=${boundary}`)) got.push(piece)
  return Buffer.concat(got)
}

test('whatever the file holds, and however it is cut on its way, it comes out as another reader reads it', async () => {
  const random = seededRandom(Number(process.env['SEED'] ?? 7))
  const below = (n: number) => random.between(0, n - 1)
  for (let round = 0; round < 300; round++) {
    // Bytes of which delimiters are made, so that near misses are common.
    const bytes = Buffer.from(Array.from({ length: below(200) }, () => '\r\n--bx\0\xff'.charCodeAt(below(8))))
    const sent = new FormData()
    if (below(2)) sent.set('note', 'x'.repeat(below(50)))
    sent.set('file', new Blob([bytes]), 'a.nessus')
    if (below(2)) sent.set('more', '\r\n--b\r\n')
    const request = new Response(sent)
    const boundary = request.headers.get('content-type')!.split('boundary=')[1]!
    const form = Buffer.from(await request.arrayBuffer())
    const lengths = Array.from({ length: 1 + below(5) }, () => 1 + below(40))
    expect(await fileOf(form, boundary, lengths), `round ${round}`).toEqual(bytes)
  }
})

test.each([
  ['a preamble and an epilogue', `before\r\n--b\r\n${HEAD}abc\r\n--b--\r\nafter`],
  ['spaces after the boundary', `--b \t\r\n${HEAD}abc\r\n--b--`],
  ['a part without a head in front', `--b\r\n\r\nx\r\n--b\r\n${HEAD}abc\r\n--b--`],
])('a form with %s is read', async (_what, form) => {
  expect((await fileOf(Buffer.from(form), 'b')).toString()).toBe('abc')
})

test.each([
  ['breaks off before its last boundary', `--b\r\n${HEAD}abc`],
  ['breaks off before its last boundary', `--b\r\n${HEAD}abc\r\n--`],
  ['breaks off within a boundary', `--b\r\n${HEAD}abc\r\n--b`],
  ['breaks off before its last boundary', '--b\r\ncontent-disposition: form-data; filename="a"\r\n--b--'],
  ['breaks off before its last boundary', `--c\r\n${HEAD}abc\r\n--c--`],
  ['the head of a part has more', `--b\r\nx: ${'a'.repeat(20_000)}`],
  ['stand beside the file', `--b\r\n\r\n${'a'.repeat(300_000)}\r\n--b\r\n${HEAD}abc\r\n--b--`],
  ['stand beside the file', `--b\r\n${HEAD}abc\r\n--b--${'a'.repeat(300_000)}`],
  ['several files', `--b\r\n${HEAD}abc\r\n--b\r\n${HEAD}def\r\n--b--`],
  ['holds no file', '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nabc\r\n--b--'],
  ['holds no file', '--b--'],
])('a form is refused because it %s', async (why, form) => {
  const refusal = await fileOf(Buffer.from(form), 'b', [700]).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(why) })
})

test.each(['', '""', 'a b ', 'a\u0001b', 'b'.repeat(71), '{b}'])('the boundary %j is none', async (boundary) => {
  await expect(fileOf(Buffer.from('--b--'), boundary)).rejects.toMatchObject({ code: 'invalid_argument' })
})

test('a form that breaks off hands its error to whoever keeps the file, and lets go of the body', async () => {
  let ended = false
  async function* body() {
    try {
      yield Buffer.from(`--b\r\n${HEAD}abc`)
      throw new Error('the client left')
    } finally {
      ended = true
    }
  }
  const pieces = formFile(body(), 'multipart/form-data; boundary=b')
  await expect(Readable.from(pieces).toArray()).rejects.toThrow('the client left')
  expect(ended).toBe(true)
})

test.each([
  ['refused', `--b\r\n${HEAD}abc\r\n--b\r\n${HEAD}def`],
  ['wanted no more', `--b\r\n${HEAD}abc`],
])('a form that is %s lets go of the body, though more would come', async (_what, form) => {
  let ended = false
  async function* body() {
    try {
      yield Buffer.from(form)
      for (;;) yield Buffer.alloc(100)
    } finally {
      ended = true
    }
  }
  const untilSilence = async () => {
    const pieces = formFile(body(), 'multipart/form-data; boundary=b')
    for await (const piece of pieces) if (piece.every((byte) => byte === 0)) break
  }
  await untilSilence().catch(() => {})
  expect(ended).toBe(true)
})
