/** Puts a file on the scanner (`POST /file/upload`, multipart) and returns the name it got there. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Calls } from './call.ts'

const UploadAnswer = v.object({ fileuploaded: v.pipe(v.string(), v.nonEmpty()) })

export async function uploadFile(calls: Calls, name: string, content: string): Promise<string> {
  // The boundary must not occur in the content; its own hash cannot.
  const boundary = `nessus-mcp-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="Filedata"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`
  const { fileuploaded } = await calls.read(UploadAnswer, {
    method: 'POST',
    path: '/file/upload',
    route: '/file/upload',
    asked: 'prepare',
    what: 'upload a file',
    body: {
      contentType: `multipart/form-data; boundary=${boundary}`,
      bytes: Buffer.from(`${head}${content}\r\n--${boundary}--\r\n`),
    },
    secrets: [content],
  })
  return fileuploaded
}
