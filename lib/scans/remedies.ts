/** What to do about a scan that failed at a step: one sentence for its owner. */
const REMEDIES: Readonly<Record<string, string>> = {
  create:
    'Check the scanner with list_scanners (reachable, licence, login), then start the scan again or have an operator replay it.',
  launch: 'Check with list_scanners what the licence of the scanner allows, then have an operator replay the scan.',
  poll: 'Check with list_scanners whether the scanner is reachable, then have an operator replay the scan: it goes on where it was.',
  export: 'The scan itself may be complete at the scanner: have an operator replay it to fetch the report again.',
  validate:
    'The report cannot be read as it is: have an operator replay the export, or look at the file with download_native_scan.',
  stop: 'Look at the scanner whether the scan still runs there, and stop it by hand if so; an operator can give it up with nessus-mcp give-up.',
}

export function remedyFor(step: string): string {
  return REMEDIES[step] ?? 'Start the scan again, or have an operator replay it from the dead letters.'
}
