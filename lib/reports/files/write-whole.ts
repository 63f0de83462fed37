/** Replaces a small file atomically. */
import { createStoreFile } from '../store/store-file.ts'

export async function writeWhole(path: string, text: string): Promise<void> {
  const file = await createStoreFile(path)
  try {
    await file.append(Buffer.from(text))
    await file.commit()
  } finally {
    await file.discard()
  }
}
