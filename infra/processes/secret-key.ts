/** The key that seals credentials: SECRET_KEY, or one made at the first start and kept in the data directory. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'

const KEY_BYTES = 32

export async function secretKey({ secretKey: configured, dataDir }: Settings): Promise<string> {
  if (configured !== undefined) return configured
  const path = join(dataDir, 'secret.key')
  // First, because a disk that is full now may hold the key.
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known !== '') return known.trim()
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  try {
    // Linked whole: of two processes that start together one makes the key, and both read all of it.
    await writeFile(draft, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600 })
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(path, 'utf8')).trim()
}
