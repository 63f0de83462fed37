/**
 * A configuration file as text, as plain data, and as the place that errors
 * point to: every problem names file, line and path, and all are told at once.
 */
import { LineCounter, parseDocument, type Document } from 'yaml'
import { PermanentError } from '../../base/errors.ts'

export type Path = readonly (string | number)[]

const CHARACTERS_MAX = 1024 * 1024
const ALIASES_MAX = 100
const PROBLEMS_NAMED_MAX = 20

export interface Source {
  readonly file: string
  /** The document as plain data; `undefined` when the file holds nothing. */
  readonly data: unknown
  /** Notes a problem; `path` is where, `message` what was expected and what came. Never holds a secret. */
  problem(path: Path, message: string): void
  /** Throws {@link PermanentError} with every problem noted so far, if there is any. */
  finish(): void
}

/** Parses `text` as YAML 1.2; throws {@link PermanentError} with file and line when it is none. */
export function readSource(text: string, file: string): Source {
  if (text.length > CHARACTERS_MAX) {
    throw new PermanentError(`${file}: expected at most ${CHARACTERS_MAX} characters, got ${text.length}`)
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error) {
    const at = lines.linePos(error.pos[0])
    throw new PermanentError(`${file} line ${at.line}, column ${at.col}: not valid YAML: ${error.message}`)
  }
  const problems: string[] = []
  return {
    file,
    data: toPlain(document, file),
    problem(path, message) {
      problems.push(`${file}${lineOf(document, lines, path)}: ${formatPath(path)}${message}`)
    },
    finish() {
      if (problems.length === 0) return
      const more = problems.length - PROBLEMS_NAMED_MAX
      const tail = more > 0 ? [`and ${more} more`] : []
      throw new PermanentError([...problems.slice(0, PROBLEMS_NAMED_MAX), ...tail].join('\n'))
    },
  }
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX }) ?? undefined
  } catch (cause) {
    throw new PermanentError(`${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`, { cause })
  }
}

/** The line of the nearest ancestor that the document has, since a missing key has none of its own. */
function lineOf(document: Document, lines: LineCounter, path: Path): string {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] | null } | undefined
    if (node?.range) return ` line ${lines.linePos(node.range[0]).line}`
  }
  return ''
}

function formatPath(path: Path): string {
  if (path.length === 0) return ''
  const text = path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${part}`)).join('')
  return `${text}: `
}
