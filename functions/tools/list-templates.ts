/**
 * MCP tool `list_templates`: the scan templates a scanner offers.
 *
 *   tool.list_templates → list_templates
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'list_templates',
  title: 'List scan templates',
  description:
    'Kinds of scan (templates) that a scanner can run under its licence; their names go into the template argument of the run tools. What people ' +
    'have saved there is in list_policies.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object(ScannerArguments),
  output: v.object({
    scanner_instance: v.string(),
    templates: v.array(v.object({ name: v.string(), title: v.string(), description: v.string() })),
  }),
  emits: {},
  slow: true,

  async run(args, { scanners }) {
    const entry = scannerNamed(args, scanners)
    const templates = await scanners.scanner(entry.key).templates()
    const result = {
      scanner_instance: entry.instanceId,
      templates: templates.map(({ name, title, description }) => ({ name, title, description })),
    }
    return { reply: { result } }
  },
})
