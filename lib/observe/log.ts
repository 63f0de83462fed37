/**
 * The program's log: for people, one readable line per event with the causes of
 * an error below it; for machines, one JSON object per line with `time, level,
 * message` first and then the event's own fields (`task_id, trace, function,
 * attempt, error …`). Every field passes the redaction guard.
 */
import { type ConsolaReporter, createConsola, type LogObject, LogLevels } from 'consola/core'
import { colors } from 'consola/utils'
import type { Log } from '../base/log.ts'
import { redact, redactText } from './redact.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** What the log needs of a stream; standard error is one. */
export interface LogStream {
  write(line: string): unknown
  readonly isTTY?: boolean
}

export interface LogOptions {
  readonly level: LogLevel
  /** `auto` is pretty on a terminal and JSON elsewhere. */
  readonly format: 'auto' | 'pretty' | 'json'
  readonly stream: LogStream
}

/** A log that writes to `stream`. It never throws because of what it is given; a failing stream is its owner's affair. */
export function makeLog({ level, format, stream }: LogOptions): Log {
  const pretty = format === 'pretty' || (format === 'auto' && stream.isTTY === true)
  const render = pretty ? (entry: LogObject) => prettyLines(entry, stream.isTTY === true) : jsonLine
  const reporter: ConsolaReporter = { log: (entry) => void stream.write(render(entry)) }
  const consola = createConsola({
    level: LogLevels[level],
    reporters: [reporter],
    // Equal events are separate facts: consola would otherwise merge a burst of them into one.
    throttle: Number.NEGATIVE_INFINITY,
  })
  const at =
    (type: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: object = {}): void =>
      consola[type](message, fields)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A log that adds `fields` (say the task and the trace) to every event; the event's own fields win. */
export function withFields(log: Log, fields: object): Log {
  return {
    debug: (message, own) => log.debug(message, { ...fields, ...own }),
    info: (message, own) => log.info(message, { ...fields, ...own }),
    warn: (message, own) => log.warn(message, { ...fields, ...own }),
    error: (message, own) => log.error(message, { ...fields, ...own }),
  }
}

interface Parts {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

function partsOf(entry: LogObject): Parts {
  const [message, fields] = entry.args as [unknown, unknown]
  // Callers sometimes hand over an error as the fields; it must not vanish.
  const named = fields instanceof Error ? { error: fields } : fields
  return { message: redactText(String(message)), fields: redact(named ?? {}) as Record<string, unknown> }
}

const RESERVED: ReadonlySet<string> = new Set(['time', 'level', 'message'])

function jsonLine(entry: LogObject): string {
  const { message, fields } = partsOf(entry)
  const safe = Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value])
  const head = { time: entry.date.toISOString(), level: entry.type, message }
  return `${JSON.stringify({ ...head, ...Object.fromEntries(safe) })}\n`
}

const PAINT = { debug: colors.gray, info: colors.cyan, warn: colors.yellow, error: colors.red } as const

function prettyLines(entry: LogObject, coloured: boolean): string {
  const { message, fields } = partsOf(entry)
  const { error, ...rest } = fields
  const paint = coloured ? PAINT[entry.type as keyof typeof PAINT] : plainText
  const dim = coloured ? colors.dim : plainText
  const time = entry.date.toTimeString().slice(0, 8)
  const pairs = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? word(value) : JSON.stringify(value)}`)
    .join('')
  const line = `${dim(time)} ${paint(entry.type.padEnd(5))} ${printable(message)}${dim(pairs)}`
  return `${[line, ...causeLines(error, entry.type === 'error')].join('\n')}\n`
}

const CAUSE_LINES_MAX = 8

/** `error` and its causes, one line each; the stack of a grave one below. */
function causeLines(error: unknown, grave: boolean): string[] {
  if (error === undefined) return []
  const lines: string[] = []
  let link: unknown = error
  while (link !== undefined && lines.length < CAUSE_LINES_MAX) {
    const label = lines.length === 0 ? '' : 'caused by '
    const { name, message, cause } = typeof link === 'object' && link !== null ? (link as Partial<Error>) : {}
    lines.push(
      `         ${label}${message === undefined ? printable(shown(link)) : `${name ?? 'Error'}: ${printable(message)}`}`,
    )
    link = cause
  }
  const stack = typeof error === 'object' && error !== null ? (error as Partial<Error>).stack : undefined
  const frames = grave ? (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return [...lines, ...frames.map((frame) => `           ${printable(frame.trim())}`)]
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}

function word(value: string): string {
  return /^[\w./:@+,-]+$/.test(value) ? value : JSON.stringify(value)
}

function plainText(value: string): string {
  return value
}

/** Without control characters: text that comes from scanned hosts must not command the reader's terminal. */
function printable(value: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return value.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '\uFFFD')
}
