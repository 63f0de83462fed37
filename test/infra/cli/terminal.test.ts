import { describe, expect, it } from 'vitest'
import { EXIT } from '../../../infra/cli/commands/exit-codes.ts'
import { describeFailure, exitCodeOf } from '../../../infra/cli/commands/failure.ts'
import { addFilter } from '../../../infra/cli/commands/option-values.ts'
import { byteSize, durationText } from '../../../infra/cli/commands/terminal/amounts.ts'
import { cleanText } from '../../../infra/cli/commands/terminal/clean-text.ts'
import { makeProgressBar } from '../../../infra/cli/commands/terminal/progress-bar.ts'
import { makeStyler } from '../../../infra/cli/commands/terminal/style.ts'
import { table, tabLines } from '../../../infra/cli/commands/terminal/table.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import { ConnectionError, TaskNotFoundError, TimeoutError, ToolError } from '../../../lib/client/index.ts'

const ESCAPE = '\u001b'

describe('text from scanned hosts', () => {
  it('cannot reach the terminal, nor change the direction or the line it is written in', () => {
    expect(cleanText(`a${ESCAPE}[2Jb\r\nc\u009b31md\u202ee\u2028f`)).toBe('a [2Jb c 31md e f')
    expect(cleanText('Größe 目 ✓')).toBe('Größe 目 ✓')
  })

  it('stays in its cell', () => {
    const columns = [
      { title: 'a', value: (row: string) => row },
      { title: 'b', value: () => 'x' },
    ]
    expect(tabLines(columns, ['one\ttwo\nthree'])).toBe('one two three\tx\n')
  })
})

describe('a table', () => {
  const columns = [
    { title: 'id', value: ({ id }: { id: number; name: string | null }) => id, align: 'right' as const },
    { title: 'name', value: ({ name }: { id: number; name: string | null }) => name },
  ]

  it('aligns its columns and leaves nothing at the end of a line', () => {
    expect(
      table(
        columns,
        [
          { id: 7, name: 'x' },
          { id: 123, name: null },
        ],
        80,
      ),
    ).toBe(' ID  NAME\n  7  x\n123\n')
  })

  it('cuts the last column to the width', () => {
    expect(table(columns, [{ id: 1, name: 'abcdefghijklmnop' }], 16)).toBe('ID  NAME\n 1  abcdefghijk…\n')
  })
})

describe('a progress bar', () => {
  const written: string[] = []
  const write = (text: string) => written.push(text)

  it('redraws one line on a terminal, never longer than it is wide', () => {
    written.length = 0
    const bar = makeProgressBar({ isTTY: true, columns: 50, write })
    bar.show(50, 'scanning · local · 3 hosts and a very long text')
    bar.show(50, 'scanning · local · 3 hosts and a very long text')
    bar.clear()
    expect(written).toHaveLength(2)
    expect(written[0]).toMatch(/\[█{12}░{12}\] {2}50% scanning/)
    expect(Array.from((written[0] ?? '').replace(`\r${ESCAPE}[2K`, ''))).toHaveLength(49)
    expect(written[1]).toBe(`\r${ESCAPE}[2K`)
  })

  it('writes a line per change elsewhere', () => {
    written.length = 0
    const bar = makeProgressBar({ write })
    bar.show(10.7, 'scanning')
    bar.show(10.9, 'scanning')
    bar.show(undefined, 'exporting')
    bar.clear()
    expect(written).toEqual(['10% scanning\n', 'exporting\n'])
  })
})

it('colours only what people read', () => {
  expect(makeStyler({ isTTY: true }, {})('red', 'x')).toBe(`${ESCAPE}[31mx${ESCAPE}[39m`)
  for (const [stream, env] of [
    [{}, {}],
    [{ isTTY: true }, { NO_COLOR: '1' }],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ] as const) {
    expect(makeStyler(stream, env)('red', 'x')).toBe('x')
  }
})

it('says amounts as people do', () => {
  expect([0, 59_400, 61_000, 3_661_000].map(durationText)).toEqual(['0 s', '59 s', '1 min 1 s', '1 h 1 min'])
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(byteSize)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB'])
})

describe('filters', () => {
  it.each([
    ['severity=High', { severity: 'High' }],
    ['severity>=3', { severity: '>=3' }],
    ['severity=>=3', { severity: '>=3' }],
    ['solution=null', { solution: null }],
    ['cve=*', { cve: '*' }],
    ['plugin_name=a=b', { plugin_name: 'a=b' }],
    ['plugin_id=[19506,10180]', { plugin_id: [19_506, 10_180] }],
    ['host!=10.0.0.1', { host: '!=10.0.0.1' }],
  ])('reads %s', (text, filters) => {
    expect(addFilter(text)).toEqual(filters)
  })

  it('takes a field given twice as any of its values', () => {
    expect(addFilter('severity=Critical', addFilter('severity=High'))).toEqual({ severity: ['High', 'Critical'] })
    expect(addFilter('severity=0', { severity: null })).toEqual({ severity: [null, '0'] })
  })

  it.each(['severity', '=3', 'severity=', 'cve=["x'])('refuses %s', (text) => {
    expect(() => addFilter(text)).toThrow(/Expected/)
  })
})

describe('an error', () => {
  it.each([
    [new ConnectionError('http://x', 'gone'), EXIT.unreachable],
    [new TaskNotFoundError('t', 'id', { message: 'none' }), EXIT.notFound],
    [new ToolError('t', { code: 'not_found', message: 'no pool' }), EXIT.notFound],
    [new ToolError('t', { code: 'invalid_argument', message: 'bad' }), EXIT.usage],
    [new ToolError('t', { code: 'busy', message: 'later' }), EXIT.failure],
    [new PermanentError('bad file'), EXIT.usage],
    [new TimeoutError('id', 5), EXIT.failure],
    [new DOMException('stop', 'AbortError'), EXIT.interrupted],
    ['a text', EXIT.failure],
  ])('ends the program with the code that goes with it: %s', (error, code) => {
    expect(exitCodeOf(error)).toBe(code)
  })

  it('is a sentence for people and a line of JSON for programs', () => {
    const error = new ToolError('t', { code: 'busy', message: 'later', details: { limit: 3 } })
    expect(describeFailure(error, { json: false })).toBe('nessus-mcp: later\n')
    expect(JSON.parse(describeFailure(error, { json: true }))).toEqual({
      error: { code: 'busy', message: 'later', limit: 3 },
    })
    const caused = new Error('above', { cause: new Error('below') })
    expect(describeFailure(caused, { json: false })).toBe('nessus-mcp: above\n  because: below\n')
  })
})
