/** The key that seals credentials: SECRET_KEY, or one made at the first start and kept in the data directory. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'

const KEY_BYTES = 32

export async function secretKey({ secretKey: configured, dataDir }: Settings): Promise<string> {
  if (configured !== undefined) return configured
  const path = join(dataDir, 'secret.key')
  await mkdir(dataDir, { recursive: true })
  try {
    // `wx`: of two processes that start together, one makes the key and both read it.
    await writeFile(path, randomBytes(KEY_BYTES).toString('base64'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
  }
  return (await readFile(path, 'utf8')).trim()
}
