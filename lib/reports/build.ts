/**
 * Parses a report once and writes its findings store. Streaming: the file, the
 * XML and the texts pass through in chunks, and the event loop gets a turn
 * after each, so that neighbours in the process keep answering.
 */
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { PermanentError } from '../base/errors.ts'
import { judgeReport } from './judge/judge-report.ts'
import type { Expectation, ReportFacts } from './judge/report-facts.ts'
import { makeNessusParser } from './parse/nessus-parser.ts'
import { makeXmlDecoder } from './parse/xml-decoder.ts'
import { makeXmlRepairs } from './parse/xml-repairs.ts'
import { inDefaultOrder } from './store/default-order.ts'
import { makeStoreBuilder } from './store/store-builder.ts'
import { createWholeFile } from './files/whole-file.ts'
import { writeSections } from './store/store-writer.ts'
import { makeTextWriter, type TextWriter } from './store/text-writer.ts'

/** A slice this long is parsed in about a millisecond. */
const SLICE_BYTES = 64 * 1024

export interface BuildRequest {
  readonly storePath: string
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly expectation: Expectation
}

/** Writes the store at `storePath`, whole or not at all. Throws a PermanentError with line and column on a bad report. */
export async function buildStore(request: BuildRequest): Promise<ReportFacts> {
  const file = await createWholeFile(request.storePath)
  try {
    const texts = makeTextWriter(file)
    const builder = makeStoreBuilder(texts)
    const { repairs, ...source } = await parseInto(builder, request.chunks, texts)
    checkDigest(source.sha256, request.expectation.sha256)
    const built = builder.done()
    const tables = await texts.finish()
    const columns = await inDefaultOrder(built.columns, built.hosts)
    const { facts, hosts } = judgeReport(
      built,
      { size_bytes: source.size, sha256: source.sha256 },
      request.expectation,
      repairs,
    )
    await writeSections(file, { built, hosts, columns, texts: tables, facts, source })
    return facts
  } finally {
    await file.discard()
  }
}

async function parseInto(
  builder: ReturnType<typeof makeStoreBuilder>,
  chunks: BuildRequest['chunks'],
  texts: TextWriter,
): Promise<{ size: number; sha256: string; repairs: string[] }> {
  const repairs = makeXmlRepairs()
  const parser = makeNessusParser(builder, repairs)
  const decoder = makeXmlDecoder()
  const digest = createHash('sha256')
  let size = 0
  const feed = (read: () => string): void => {
    try {
      parser.write(repairs.write(read(), () => parser.line()))
    } catch (error) {
      throw parser.located(error)
    }
  }
  for await (const chunk of chunks) {
    size += chunk.length
    digest.update(chunk)
    for (let from = 0; from < chunk.length; from += SLICE_BYTES) {
      feed(() => decoder.write(chunk.subarray(from, from + SLICE_BYTES)))
      await texts.drained()
      await turn()
    }
  }
  feed(() => decoder.end())
  parser.write(repairs.end(() => parser.line()))
  parser.close()
  return { size, sha256: digest.digest('hex'), repairs: [...repairs.said(), ...parser.said()] }
}

function checkDigest(came: string, expected: string | undefined): void {
  if (expected === undefined || came === expected.toLowerCase()) return
  throw new PermanentError(
    `the report's SHA-256 is ${came}, expected ${expected}: the file changed after it was received; export it again`,
  )
}
