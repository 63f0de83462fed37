/** Fixes that do what others ask for: a later version of the same product. */

const UPGRADE =
  /^(?:upgrade|update) to (.{1,120}?),? (?:version )?v?(\d[\w.-]{0,40})(?: \([^)]{0,80}\))? or (?:later|newer|higher|above)\.?$/i

/**
 * Per fix, the others that it includes: `Upgrade to X 31 or later` does what `Upgrade to X 28 or later` asks. Of a
 * product's versions the newest includes all others; of the others nothing is said, since nobody needs them.
 */
export function supersededBy(labels: readonly string[]): ReadonlyMap<number, readonly number[]> {
  const products = new Map<string, { newest: { fix: number; version: string }; others: number[] }>()
  for (const [fix, label] of labels.entries()) {
    const [, product, version] = label.length > 300 ? [] : (UPGRADE.exec(label) ?? [])
    if (product === undefined || version === undefined) continue
    const key = product.toLowerCase()
    const known = products.get(key)
    if (!known) products.set(key, { newest: { fix, version }, others: [] })
    else if (compareVersions(known.newest.version, version) < 0) {
      known.others.push(known.newest.fix)
      known.newest = { fix, version }
    } else known.others.push(fix)
  }
  const included = new Map<number, readonly number[]>()
  for (const { newest, others } of products.values()) if (others.length > 0) included.set(newest.fix, others)
  for (const [fix, others] of includedPackages(labels)) included.set(fix, [...(included.get(fix) ?? []), ...others])
  return included
}

const PACKAGES = /^Update ([\w.+-]{1,100}(?:, [\w.+-]{1,100}){0,4})$/

/** `Update a, b` does what `Update a` asks. */
function includedPackages(labels: readonly string[]): Map<number, number[]> {
  const known = new Map<string, number>()
  for (const [fix, label] of labels.entries()) if (PACKAGES.test(label)) known.set(label.slice('Update '.length), fix)
  const included = new Map<number, number[]>()
  for (const [list, fix] of known) {
    const packages = list.split(', ')
    for (let choice = 1; choice < (1 << packages.length) - 1; choice++) {
      const part = known.get(packages.filter((_, at) => (choice >> at) & 1).join(', '))
      if (part !== undefined) included.set(fix, [...(included.get(fix) ?? []), part])
    }
  }
  return included
}

/** Numbers as numbers, letters after them as letters: 31.0.0.108 is after 28.0.0.126. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.toLowerCase().match(/\d+|[a-z]+/g) ?? [])
  for (let at = 0; at < Math.max(left!.length, right!.length); at++) {
    const [one, other] = [left![at], right![at]]
    if (one === other) continue
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    const difference = Number(one) - Number(other)
    if (Number.isNaN(difference)) return one < other ? -1 : 1
    if (difference !== 0) return difference
  }
  return 0
}
