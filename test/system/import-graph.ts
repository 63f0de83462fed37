/** Reads the imports out of source text, and looks for cycles among them. */
export interface Import {
  /** As written: relative. */
  readonly target: string
  readonly typeOnly: boolean
}

export function importsOf(source: string): Import[] {
  const statements = source.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from '(\.[^']+)'/gm)
  const inline = source.matchAll(/(type\s[^=]*=\s*|:\s*)?import\('(\.[^']+)'\)/g)
  // For its effects alone: no name is taken.
  const bare = source.matchAll(/^import\s+()'(\.[^']+)'/gm)
  return [...statements, ...inline, ...bare].map(([, type, target]) => ({
    target: target!,
    typeOnly: Boolean(type),
  }))
}

/** The files of one cycle, first one repeated at the end; `undefined` when there is none. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    const at = path.indexOf(file)
    if (at >= 0) return [...path.slice(at), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target)
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = visit(file)
    if (cycle) return cycle
  }
  return undefined
}
