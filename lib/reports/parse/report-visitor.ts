/** What the parser tells as it meets it: hosts in file order, each host's properties, then its items. */
export interface ReportVisitor {
  report(name: string): void
  /** What the Policy block says, when it ends; a report may have none, or have it after its hosts. */
  policy(facts: PolicyFacts): void
  host(name: string): void
  property(name: string, value: string): void
  /** `item` and its arrays are reused for the next item: keep what you need, not the object. */
  item(item: ReportItem): void
}

export interface ReportItem {
  port: number
  protocol: string
  serviceName: string
  severity: number
  pluginId: number
  pluginName: string
  pluginFamily: string
  /** Field names of the children, in file order; a repeated element repeats here. */
  readonly names: string[]
  /** Their texts, side by side with {@link names}; never empty. */
  readonly texts: string[]
}

/** What is kept of the Policy block. */
export interface PolicyFacts {
  readonly name?: string
  readonly portRange?: string
  /** As they were asked for; at most the first few thousand. */
  readonly targets: readonly string[]
  /** Plugin families and whether they were on: `enabled`, `disabled` or `mixed`. */
  readonly families: Readonly<Record<string, string>>
}
