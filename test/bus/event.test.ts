import { expect, test } from 'vitest'
import { childEvent, type BusEvent } from '../../lib/bus/event.ts'

const parent: BusEvent = {
  specversion: '1.0',
  id: 'parent',
  type: 'scan.requested',
  source: 'test',
  time: '2026-01-01T00:00:00.000Z',
  subject: 'first',
  data: {},
}
const from = { source: 'admit', now: new Date(0) }
const child = (subject?: string | null) => childEvent(parent, 0, { type: 'scan.admitted', subject, data: {} }, from)

test('handling an event again emits the same id', () => {
  expect(child().id).toBe(child().id)
  expect(child().id).toBe(child('first').id)
})

test('events about different scans have different ids, though they come of one event at one position', () => {
  // Delayed events are kept by id: with one id for two scans, one of them would never hear of its own.
  expect(new Set([child('first').id, child('second').id, child(null).id]).size).toBe(3)
})
