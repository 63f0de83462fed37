/** list_templates tells what kinds of scan a scanner offers. */
import { expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

test('names the scanner that was asked, and its templates by the names that the run tools take', async () => {
  const result = resultOf(await makeWorld().call('list_templates', {}))
  expect(result['scanner_instance']).toBe('one')
  expect((result['templates'] as { name: string }[]).map(({ name }) => name)).toContain('basic')
})

test('among several scanners one has to be named', async () => {
  const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
  const refusal = refusalOf(await world.call('list_templates', {}))
  expect(refusal.message).toMatch(/one.*two/)
  expect(resultOf(await world.call('list_templates', { scanner_instance: 'two' }))).toMatchObject({
    scanner_instance: 'two',
  })
})
