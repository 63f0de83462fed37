/** docs/exports.md, made from the table of formats. */
import { EXPORT_FORMATS } from '../../../lib/facts/export-formats.ts'

/** How each is checked, by a reader or validator that others wrote. */
const CHECKED: Record<keyof typeof EXPORT_FORMATS, string> = {
  jsonl: 'the client and the command line read it',
  csv: 'csv-parse, in `npm test`',
  xlsx: 'a strict XML parser in `npm test`; exceljs in `npm run exports`, cell by cell beside the csv',
  sarif:
    "Microsoft's SARIF multitool (`validate`) in `npm run exports`; it wants a version of the tool, which few reports tell",
  ocsf: '**no validator is published for npm**: classes, ids and required members by hand, from schema.ocsf.io/1.3.0',
  hdf: 'inspecjs, in `npm run exports`: it converts the file and judges each control as the checks say',
  defectdojo: '**nothing outside DefectDojo reads it**: members by hand, from its documentation of the generic parser',
}

export function exportsPage(): string {
  const rows = Object.entries(EXPORT_FORMATS).map(
    ([name, { extension, says }]) =>
      `| \`${name}\` | ${says} | \`.${extension}\` | ${CHECKED[name as keyof typeof CHECKED]} |`,
  )
  return `# Exports

<!-- Generated from lib/facts/export-formats.ts by npm run docs. -->

The findings of a scan for other programs, all that match, streamed at any size:

\`\`\`sh
nessus-mcp results <task-id> --format csv --output findings.csv
nessus-mcp results <task-id> --format sarif --filter 'severity>=3' > findings.sarif
curl -H "Authorization: Bearer $TOKEN" "$URL/scans/<task-id>/results?format=xlsx" -o findings.xlsx
\`\`\`

From code: \`client.exportResults(taskId, { format, filters })\`. Each format holds what the same filters count in \`get_scan_results\`, no more and no less; \`hdf\` holds the checks alone, and says how many findings it leaves out.

| format | what | file | checked with |
|---|---|---|---|
${rows.join('\n')}

- \`csv\` and \`xlsx\` have the fields that are asked for (\`--fields\`, \`--profile\`), a column each; values of a list stand in one cell, a line each. The others have fields of their own, and refuse those arguments.
- Texts come from the scanned hosts. In a \`csv\`, one that a spreadsheet would run as a formula begins with an apostrophe; in a workbook no text is a formula; in DefectDojo they stand in a fence; in \`sarif\`, \`ocsf\` and \`hdf\`, \`untrusted_text\` says where they are.
- What could not be seen (hosts without login, unfinished hosts, filters on what the report does not carry) goes along: \`sarif\` as notifications of the run, \`hdf\` in \`passthrough\`, \`ocsf\` in \`metadata.labels\`, \`defectdojo\` in its description, \`jsonl\` in its second line. A \`csv\` or a workbook has no place for it: read \`get_scan_results\` or \`nessus-mcp results\` beside it.
- A sheet holds 1,048,575 findings and a cell 32,767 characters: more findings are refused, a longer text is cut and says so.
- CSAF is not written: it is what a vendor says of its products, and has no place for what was found on a host.
- An export that breaks off is noticed: the command line writes no file then.
`
}
