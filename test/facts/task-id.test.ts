import * as v from 'valibot'
import { expect, test } from 'vitest'
import { makeTaskId, TaskId } from '../../lib/facts/task-id.ts'

test('says type, instance and time, in a form that is accepted again', () => {
  const id = makeTaskId('nessus', 'lab-1', new Date('2026-11-21T09:30:00.500Z'), '1f2e3d4c')
  expect(id).toBe('ns_lab-1_20261121_093000_1f2e3d4c')
  expect(v.is(TaskId, id)).toBe(true)
})

test.each([
  '',
  '../../etc/passwd',
  'ns_local_20261121_093000_1f2e3d4c/..',
  'ns_local_20261121_093000_1f2e3d4c\n',
  'ns_lo/cal_20261121_093000_1f2e3d4c',
  'ns_lo cal_20261121_093000_1f2e3d4c',
  'ns_local_20261121_093000_1F2E3D4C',
  'ns_local_20261121_093000_1f2e3d4',
  `ns_${'a'.repeat(33)}_20261121_093000_1f2e3d4c`,
  'ns:scan_local_20261121_093000_1f2e3d4c',
])('refuses %j', (id) => {
  const { success, issues } = v.safeParse(TaskId, id)
  expect(success).toBe(false)
  expect(issues?.[0]?.message).toMatch(/^expected a task id/)
})
