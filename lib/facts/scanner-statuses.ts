/** The words that scanners are known to use for what a scan does. */
export const SCANNER_STATUSES = [
  'empty',
  'pending',
  'running',
  'pausing',
  'paused',
  'resuming',
  'stopping',
  'canceled',
  'stopped',
  'completed',
  'aborted',
  'imported',
] as const
