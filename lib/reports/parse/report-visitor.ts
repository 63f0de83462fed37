/** What the parser tells as it meets it: hosts in file order, each host's properties, then its items. */
export interface ReportVisitor {
  report(name: string): void
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
