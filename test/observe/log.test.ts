import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { type LogOptions, makeLog, withFields } from '../../lib/observe/log.ts'

function recorder(options: Partial<LogOptions> & { isTTY?: boolean } = {}) {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line), isTTY: options.isTTY ?? false }
  const log = makeLog({ level: 'debug', format: 'json', ...options, stream })
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown>
  return { log, lines, last }
}

describe('the JSON form', () => {
  test('an event is one line with time, level and message first, then its own fields', () => {
    const { log, lines, last } = recorder()
    log.info('event settled', { task: 'ns_ab12_x', trace: 'f'.repeat(32), function: 'poll', attempt: 2 })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^\{"time":"\d{4}-[^"]+Z","level":"info","message":"event settled","task":"ns_ab12_x".*\}\n$/,
    )
    expect(last()).toMatchObject({ function: 'poll', attempt: 2 })
  })

  test('a newline in a message stays inside its line', () => {
    const { log, lines } = recorder()
    log.warn('first\nsecond')
    expect(lines[0]?.split('\n')).toHaveLength(2)
  })

  test('a field cannot pretend to be the time, level or message', () => {
    const { log, last } = recorder()
    log.info('true', { message: 'false', level: 'debug', time: 'never' })
    expect(last()).toMatchObject({ message: 'true', level: 'info', message_: 'false', level_: 'debug', time_: 'never' })
  })

  test('an error keeps its name, code, stack and the whole chain of causes', () => {
    const { log, last } = recorder()
    const root = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    log.error('will retry', { error: new PermanentError('scanner lab: no answer', { cause: root }) })
    expect(last()['error']).toMatchObject({
      name: 'PermanentError',
      message: 'scanner lab: no answer',
      stack: expect.stringContaining('log.test.ts') as string,
      cause: { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    })
  })

  test('an error given in place of the fields is not lost', () => {
    const { log, last } = recorder()
    log.error('crashed', new Error('boom'))
    expect(last()['error']).toMatchObject({ message: 'boom' })
  })

  test('a hundred equal events are a hundred lines', () => {
    const { log, lines } = recorder()
    for (let i = 0; i < 100; i++) log.info('same')
    expect(lines).toHaveLength(100)
  })
})

test('events below the level are not written, and silent writes none', () => {
  const { log, lines } = recorder({ level: 'warn' })
  log.info('no')
  log.warn('yes')
  const silent = recorder({ level: 'silent' })
  silent.log.error('no')
  expect([lines.length, silent.lines.length]).toEqual([1, 0])
})

test('auto is pretty on a terminal and JSON elsewhere', () => {
  const terminal = recorder({ format: 'auto', isTTY: true })
  const file = recorder({ format: 'auto' })
  terminal.log.info('hello', { task: 't' })
  file.log.info('hello', { task: 't' })
  expect(terminal.lines[0]).toMatch(/\d\d:\d\d:\d\d.*info.*hello.*task=t/)
  expect(file.last()).toMatchObject({ message: 'hello', task: 't' })
})

test('the pretty form shows causes on lines of their own', () => {
  const { log, lines } = recorder({ format: 'pretty' })
  log.warn('will retry', { attempt: 2, error: new Error('outer', { cause: new Error('inner') }) })
  expect(lines.join('')).toMatch(/warn {2}will retry attempt=2\n +Error: outer\n +caused by Error: inner\n$/)
})

test('the pretty form does not let text command the terminal', () => {
  const { log, lines } = recorder({ format: 'pretty' })
  log.info('banner \u001b[2J\u009b', { banner: '\u001b]0;x\u0007' })
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  expect(lines.join('')).not.toMatch(/[\u001b\u009b\u0007]/)
})

test('withFields adds to every event, and the event wins', () => {
  const { log, last } = recorder()
  withFields(log, { task: 'a', trace: 'b' }).info('x', { trace: 'c' })
  expect(last()).toMatchObject({ task: 'a', trace: 'c' })
})
