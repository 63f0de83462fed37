/** `POST /scans/import`: takes a .nessus file, as the body or as a multipart form, and makes it a completed scan. */
import { Hono } from 'hono'
import { Refusal } from '../../base/errors.ts'
import { demandScope } from '../auth/identity.ts'
import { sourceOf } from '../source-of.ts'
import type { Invoke } from '../invoke.ts'
import type { ScanFiles } from '../scan-files.ts'
import type { GatewayEnv } from './environment.ts'
import { uploadedFile } from './upload-body.ts'

/** A report of a gigabyte takes long to arrive. */
const IMPORT_TIMEOUT_MS = 600_000

export interface ImportDeps {
  readonly invoke: Invoke
  readonly files: ScanFiles
  readonly bytesMax: number
}

/**
 * The file goes to `DATA_DIR/incoming/<upload>`, and the tool `import_scan` is
 * called with `upload` instead of `path`: it moves the file to where it belongs.
 * URL parameters (`name`, `description` …) become arguments of the tool.
 */
export function importRoute({ invoke, files, bytesMax }: ImportDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  app.post('/', async (c) => {
    const identity = c.get('identity')
    // Asked before the upload: nobody should send a gigabyte only to be refused.
    demandScope(identity, 'scan:run', 'POST /scans/import')
    const upload = await files.receive(uploadedFile(c.req.raw), bytesMax)
    try {
      const answer = await invoke(
        'import_scan',
        { ...c.req.query(), upload },
        {
          source: sourceOf(c.req.raw.headers, 'http'),
          identity,
          traceparent: c.get('traceparent'),
          idempotencyKey: c.req.header('x-idempotency-key'),
          timeoutMs: IMPORT_TIMEOUT_MS,
        },
      )
      return c.json(answer.kind === 'result' ? answer.result : { text: answer.text }, 201)
    } catch (error) {
      // When no answer came, a worker may be reading the file: the tool removes it when it is done.
      if (!(error instanceof Refusal) || error.details['carried_out'] !== 'unknown') await files.discard(upload)
      throw error
    }
  })
  return app
}
