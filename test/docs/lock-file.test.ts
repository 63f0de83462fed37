/** package-lock.json names every package of every platform, as `npm ci` wants it. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'

const Names = v.optional(v.record(v.string(), v.string()), {})
const Package = v.object({
  version: v.optional(v.string()),
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
})
const Lock = v.object({ packages: v.record(v.string(), Package) })
const { packages } = v.parse(Lock, read('package-lock.json'))

test('everything that a package depends on is in the lock file, the packages of other platforms too', () => {
  const missing = Object.entries(packages).flatMap(
    ([path, { dependencies, devDependencies, optionalDependencies }]) => {
      const wanted = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
      return wanted.filter((name) => !finds(path, name)).map((name) => `${path || 'package.json'} needs ${name}`)
    },
  )
  expect(missing).toEqual([])
})

test('the lock file is of this package.json', () => {
  const { dependencies, devDependencies } = v.parse(Package, read('package.json'))
  expect(packages['']).toMatchObject({ dependencies, devDependencies })
})

/** Whether Node, looking from `path` upwards, finds the package. */
function finds(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`]) return true
    if (!at.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined
  }
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))
}
