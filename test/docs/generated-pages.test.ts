import { expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { EVENT_MEANINGS } from './pages/event-meanings.ts'
import { eventsPage, eventTypes } from './pages/events-page.ts'
import { filtersPage } from './pages/filters-page.ts'
import { toolsPage } from './pages/tools-page.ts'

// The pages are file snapshots, so that `npm run docs` (this test with --update) writes them.
test('docs/tools.md is generated from the tools', async () => {
  await expect(toolsPage()).toMatchFileSnapshot('../../docs/tools.md')
})

test('docs/events.md is generated from the functions', async () => {
  await expect(eventsPage()).toMatchFileSnapshot('../../docs/events.md')
})

test('docs/filters.md is generated from the filter reference', async () => {
  await expect(filtersPage()).toMatchFileSnapshot('../../docs/filters.md')
})

test('every event has a meaning, and no meaning is left over', () => {
  expect(Object.keys(EVENT_MEANINGS).toSorted()).toEqual(eventTypes())
})

test('every argument of every tool is described in the reference', () => {
  const undescribed = toolsPage()
    .split('\n')
    .filter((line) => /^\| `\w+` \|(?:[^|]|\\\|)*\|(?:[^|]|\\\|)*\| +\|$/.test(line))
  expect(undescribed).toEqual([])
  expect(toolsPage().match(/^## \w+_\w+$/gm)).toHaveLength(tools.length)
})
