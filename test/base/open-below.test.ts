/** A file is opened below a folder or not at all, whoever changes the path meanwhile. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBelow } from '../../lib/base/open-below.ts'

let folder: string
let root: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-below-'))
  root = join(folder, 'imports')
  await mkdir(join(root, 'sub'), { recursive: true })
  await mkdir(join(folder, 'imports-beside'))
  await writeFile(join(root, 'sub', 'a'), 'inside')
  await writeFile(join(folder, 'imports-beside', 'a'), 'outside')
})
afterEach(() => rm(folder, { recursive: true }))

const textOf = async (name: string) => {
  const opened = await openBelow(root, name)
  try {
    return await opened?.handle.readFile('utf8')
  } finally {
    await opened?.handle.close()
  }
}

test('what lies below is opened, by a link within too', async () => {
  await symlink(join(root, 'sub'), join(root, 'link'))
  expect([await textOf('sub/a'), await textOf('link/a'), await textOf('./sub/../sub/a')]).toEqual([
    'inside',
    'inside',
    'inside',
  ])
})

test('what lies elsewhere is not, nor what is no file', async () => {
  await symlink(join(folder, 'imports-beside'), join(root, 'out'))
  await symlink(join(folder, 'imports-beside', 'a'), join(root, 'file'))
  for (const name of ['../imports-beside/a', 'out/a', 'file', '/etc/hostname', 'sub', '', 'none', 'a\0b'])
    expect([name, await textOf(name)]).toEqual([name, undefined])
})

test('a folder that is swapped for a link, back and forth, never lets the outside in', async () => {
  await mkdir(join(root, 'parked'))
  let swapping = true
  const swap = async () => {
    while (swapping) {
      await rename(join(root, 'sub'), join(root, 'parked', 'sub'))
      await symlink(join(folder, 'imports-beside'), join(root, 'sub'))
      await rm(join(root, 'sub'))
      await rename(join(root, 'parked', 'sub'), join(root, 'sub'))
    }
  }
  const swapped = swap()
  const seen = new Set<string | undefined>()
  for (let i = 0; i < 500; i++) seen.add(await textOf('sub/a'))
  swapping = false
  await swapped
  expect(seen).not.toContain('outside')
})
