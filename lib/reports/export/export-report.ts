/** Writes the findings of an open report in one of the formats, a batch at a time. */
import { defined } from '../../base/defined.ts'
import { Refusal } from '../../base/errors.ts'
import type { ExportName } from '../../facts/export-formats.ts'
import { type OpenReport, resultLines, type ScanMeta, streamResults } from '../query/results.ts'
import type { ReportQuery } from '../query/results-query.ts'
import { csv } from './csv.ts'
import { defectdojo } from './defectdojo.ts'
import type { ExportWriter } from './export-source.ts'
import { hdf } from './hdf.ts'
import { ocsf } from './ocsf.ts'
import { sarif } from './sarif.ts'
import { xlsx } from './xlsx.ts'

const WRITERS: Readonly<Record<Exclude<ExportName, 'jsonl'>, ExportWriter>> = {
  csv,
  xlsx,
  sarif,
  ocsf,
  hdf,
  defectdojo,
}

/** Throws a Refusal, before anything is written, on what the format cannot hold. */
export async function* exportReport(
  report: OpenReport,
  request: ReportQuery,
  { format, meta }: { readonly format: ExportName; readonly meta: ScanMeta },
): AsyncGenerator<string | Uint8Array, void, void> {
  if (format === 'jsonl') return yield* streamResults(report, request, meta)
  const writer = WRITERS[format]
  const source = await resultLines(report, queryFor(writer, request, format), meta)
  writer.check?.(source)
  yield* writer.write(source)
}

function queryFor({ fields, sort }: ExportWriter, request: ReportQuery, format: ExportName): ReportQuery {
  const { profile, customFields, sort: asked } = request
  if (fields === 'all' && (profile !== undefined || customFields !== undefined)) {
    const names = profile === undefined ? 'custom_fields' : 'schema_profile'
    throw new Refusal(
      'invalid_argument',
      `${names}: ${format} has fields of its own; leave it out, or ask for csv or xlsx.`,
      {
        arguments: [names],
      },
    )
  }
  if (sort !== undefined && asked !== undefined) {
    throw new Refusal('invalid_argument', `sort: ${format} has an order of its own; leave it out.`, {
      arguments: ['sort'],
    })
  }
  return {
    ...request,
    ...(fields === 'all' ? { profile: 'full' as const } : {}),
    ...defined({ sort }),
  }
}
