/** Replaces a small file atomically. */
import { createWholeFile } from './whole-file.ts'

export async function writeWhole(path: string, text: string): Promise<void> {
  const file = await createWholeFile(path)
  try {
    await file.append(Buffer.from(text))
    await file.commit()
  } finally {
    await file.discard()
  }
}
