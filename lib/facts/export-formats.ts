/** The forms in which the findings of a scan can be saved: the gateway, the command line, the client and the documents read them here. */

interface ExportFormat {
  /** Media type. */
  readonly type: string
  /** Of a file that holds it. */
  readonly extension: string
  readonly says: string
}

export const EXPORT_FORMATS = {
  jsonl: {
    type: 'application/x-ndjson',
    extension: 'jsonl',
    says: 'JSON lines, as get_scan_results answers',
  },
  csv: {
    type: 'text/csv; charset=utf-8',
    extension: 'csv',
    says: 'a table of the fields that are asked for; texts that a spreadsheet would take for a formula begin with an apostrophe',
  },
  xlsx: {
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extension: 'xlsx',
    says: 'the same table as a workbook, in which no text is a formula',
  },
  sarif: {
    type: 'application/sarif+json',
    extension: 'sarif',
    says: 'SARIF 2.1.0: a rule per plugin, a result per finding',
  },
  ocsf: {
    type: 'application/x-ndjson',
    extension: 'ocsf.jsonl',
    says: 'OCSF 1.3.0, an event per line: Vulnerability Finding (2002), Compliance Finding (2003) for checks',
  },
  hdf: {
    type: 'application/json',
    extension: 'hdf.json',
    says: 'Heimdall Data Format: the compliance checks alone, a control per check with a result per host',
  },
  defectdojo: {
    type: 'application/json',
    extension: 'defectdojo.json',
    says: "DefectDojo's generic findings",
  },
} as const satisfies Record<string, ExportFormat>

export type ExportName = keyof typeof EXPORT_FORMATS
export const EXPORT_NAMES = Object.keys(EXPORT_FORMATS) as readonly ExportName[]
export const DEFAULT_EXPORT: ExportName = 'jsonl'
