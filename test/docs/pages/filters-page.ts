/** The text of `docs/filters.md`: the filter reference that models read as a resource. */
import { FILTER_REFERENCE } from '../../../lib/gateway/mcp/filter-reference.ts'

const NOTE =
  'Written by `npm run docs`; MCP clients read the same text as the resource `nessus://filters`. The rest of a result is told in [results.md](results.md).'

export function filtersPage(): string {
  const [title = '', ...rest] = FILTER_REFERENCE.split('\n')
  return [title, '', NOTE, ...rest].join('\n')
}
