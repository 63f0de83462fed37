/** What the program's exit code says; docs/command-line.md lists them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  /** Something is wrong with what was asked or configured. */
  usage: 2,
  /** The scan ended as failed, canceled or timeout. */
  scanNotCompleted: 3,
  /** The gateway cannot be reached. */
  unreachable: 4,
  /** There is no such scan, pool or tool. */
  notFound: 5,
  /** Ctrl-C; 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
