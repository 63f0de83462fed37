/** Writes one JSON document around a list of any length: the list a batch at a time, what comes after it once it is known. */
export async function* jsonAround(
  head: string,
  items: AsyncIterable<readonly object[]>,
  tail: () => string,
): AsyncGenerator<string, void, void> {
  let separator = `${head}[\n`
  for await (const some of items) {
    if (some.length === 0) continue
    yield separator + some.map((item) => JSON.stringify(item)).join(',\n')
    separator = ',\n'
  }
  yield (separator === ',\n' ? '' : separator) + `\n]${tail()}\n`
}

/** The members of an object without its braces, to be written after others. */
export const members = (object: object): string => JSON.stringify(object).slice(1, -1)
