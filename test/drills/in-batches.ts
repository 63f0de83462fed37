/** Does `work` for each item, a batch at a time: a load that any machine bears. */

const BATCH = 25

export async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += BATCH) {
    results.push(...(await Promise.all(items.slice(from, from + BATCH).map(work))))
  }
  return results
}
