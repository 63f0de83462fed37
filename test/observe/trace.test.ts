import { expect, test } from 'vitest'
import { formatTraceparent, makeTracer, parseTraceparent } from '../../lib/observe/trace.ts'

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

function counting(): (bytes: number) => Uint8Array {
  let next = 0
  return (bytes) => new Uint8Array(bytes).fill(++next)
}

test('a traceparent is parsed and written back unchanged', () => {
  const trace = parseTraceparent(PARENT)
  expect(trace).toEqual({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true })
  expect(trace && formatTraceparent(trace)).toBe(PARENT)
})

test.each([
  [undefined, 'absent'],
  [null, 'absent'],
  ['', 'empty'],
  [PARENT.toUpperCase(), 'upper case'],
  [PARENT.replace(/^00/, 'ff'), 'the forbidden version'],
  [`${PARENT}-more`, 'version 00 with something after the flags'],
  [PARENT.replace(/4bf9\w+/, '0'.repeat(32)), 'a zero trace id'],
  [PARENT.replace('00f067aa0ba902b7', '0'.repeat(16)), 'a zero span id'],
  [PARENT.slice(0, -1), 'cut short'],
])('%s is no trace: %s', (header, _why) => {
  expect(parseTraceparent(header)).toBeUndefined()
})

test('a later version may say more after the flags', () => {
  expect(parseTraceparent(`cc${PARENT.slice(2)}-what-the-future-brings`)?.traceId).toBe(
    '4bf92f3577b34da6a3ce929d0e0e4736',
  )
})

test('the sampled bit is read on its own and kept by a child', () => {
  const tracer = makeTracer(counting())
  const parent = parseTraceparent(PARENT.replace(/01$/, '02'))
  expect(parent?.sampled).toBe(false)
  expect(parent && tracer.child(parent).sampled).toBe(false)
})

test('a child keeps the trace id and takes a span id of its own', () => {
  const tracer = makeTracer(counting())
  const root = tracer.start()
  const child = tracer.child(root)
  expect(child.traceId).toBe(root.traceId)
  expect(child.spanId).not.toBe(root.spanId)
  expect(parseTraceparent(formatTraceparent(child))).toEqual(child)
})

test('a sound traceparent is continued and a malformed one starts a new trace', () => {
  const tracer = makeTracer(counting())
  expect(tracer.adopt(PARENT).traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(tracer.adopt('junk').traceId).toMatch(/^[0-9a-f]{32}$/)
})

test('a random source that gives only zeros still makes a valid trace', () => {
  const trace = makeTracer((bytes) => new Uint8Array(bytes)).start()
  expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace)
})
