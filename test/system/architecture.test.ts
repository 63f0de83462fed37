/** Keeps the shape of the code: who may import whom, and that functions are what their files say. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { functions, steps, tools, upkeep } from '../../functions/index.ts'
import { DEAD_EVENT } from '../../lib/runtime/retry/dead-letter.ts'
import { NATURES } from '../../lib/runtime/nature.ts'
import { COURSE, GIVES_UP } from '../../lib/scans/course.ts'
import { findCycle, importsOf } from './import-graph.ts'
import { mismatches, type AnySchema } from './schema-fit.ts'

/** Layer to the layers it may import, besides itself. Functions never import each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/base': [],
  'lib/facts': ['lib/base'],
  'lib/observe': ['lib/base', 'lib/facts'],
  'lib/bus': ['lib/base', 'lib/facts'],
  'lib/scans': ['lib/base', 'lib/facts', 'lib/bus'],
  'lib/scanners': ['lib/base', 'lib/facts', 'lib/bus', 'lib/scans'],
  'lib/reports': ['lib/base', 'lib/facts'],
  'lib/runtime': ['lib/base', 'lib/facts', 'lib/observe', 'lib/bus', 'lib/scans', 'lib/scanners', 'lib/reports'],
  'lib/scan-work': [
    'lib/base',
    'lib/facts',
    'lib/observe',
    'lib/bus',
    'lib/scans',
    'lib/scanners',
    'lib/reports',
    'lib/runtime',
  ],
  'lib/gateway': [
    'lib/base',
    'lib/facts',
    'lib/observe',
    'lib/bus',
    'lib/scans',
    'lib/scanners',
    'lib/reports',
    'lib/runtime',
    'lib/scan-work',
  ],
  'lib/client': ['lib/base', 'lib/facts'],
  functions: [
    'lib/base',
    'lib/facts',
    'lib/bus',
    'lib/scans',
    'lib/scanners',
    'lib/reports',
    'lib/runtime',
    'lib/scan-work',
  ],
  config: ['lib/base', 'lib/facts'],
}
/** The client library takes the types of its calls from the tools' own schemas; of their code it takes nothing. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  'lib/client': ['functions', 'lib/runtime', 'lib/scan-work'],
}

/** Parts of libraries that touch the outside, and through what. */
const ADAPTERS: Readonly<Record<string, readonly string[]>> = {
  'lib/bus/redis/redis-bus.ts': ['Date.now'],
  'lib/bus/redis/server-clock.ts': ['Date.now'],
  'lib/client/gateway-files.ts': ['fetch'],
  // What the pipe does not hand on is handed on beside it.
  'lib/reports/files/receive-report.ts': ['a pipe'],
  // A method of that name, which answers requests rather than making them.
  'lib/gateway/mcp/handler.ts': ['fetch'],
}
/** Text that runs in a browser. */
const BROWSER_TEXT = ['lib/gateway/http/console-script.ts']
const FORBIDDEN = [
  ['process.env', /\bprocess\.env\b/],
  ['Date.now', /\bDate\.now\b/],
  ['Math.random', /\bMath\.random\b/],
  ['console', /\bconsole\.(?:log|info|warn|error|debug)\b/],
  ['fetch', /(?<![.\w])fetch\(/],
  // It tells nobody that the file is missing, which ends the process: lib/base/stream-file.ts.
  ['a stream that opens its file', /(?<!\.)createReadStream\(/],
  // It hands on neither an end nor an error: pipeline() or an async generator does.
  ['a pipe', /(?<!\bv)\.pipe\(/],
] as const

/** Events that a flow line sums up in words, or that are declared with others and never emitted. */
const UNTOLD: Readonly<Record<string, readonly string[]>> = {
  sweep: COURSE.map(({ goesOnWith }) => goesOnWith),
  delete_scan: ['scan.ended'],
}

const files = ['functions', 'lib', 'config', 'infra'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${root}/${name.replaceAll('\\', '/')}`),
)
const text = (file: string) => readFileSync(file, 'utf8')
const layerOf = (file: string) => Object.keys(MAY_IMPORT).find((layer) => file.startsWith(`${layer}/`))
const within = (...roots: string[]) => files.filter((file) => roots.some((root) => file.startsWith(`${root}/`)))

describe('files', () => {
  test.each(within(...Object.keys(MAY_IMPORT)))('%s imports only what its layer may', (file) => {
    if (file === 'functions/index.ts') return
    const layer = layerOf(file)!
    for (const { target, typeOnly } of importsOf(text(file))) {
      const to = layerOf(join(dirname(file), target)) ?? 'outside'
      const allowed = [...MAY_IMPORT[layer]!, ...(typeOnly ? (MAY_IMPORT_TYPES[layer] ?? []) : [])]
      const own = layer === 'functions' ? [] : [layer]
      expect([...own, ...allowed], `${file} imports ${target}`).toContain(to)
    }
  })

  test('imports form no cycle, types included', () => {
    const graph = new Map(
      files.map((file) => [file, importsOf(text(file)).map(({ target }) => join(dirname(file), target))]),
    )
    expect(findCycle(graph)).toBeUndefined()
  })

  test.each([
    ['lib/gateway', 'lib/bus/redis', 'the gateway stands on the port of the bus: lib/bus/bus.ts'],
    ['lib/scan-work', 'lib/bus/redis', 'what functions do stands on the port of the bus: lib/bus/bus.ts'],
    ['infra/processes/worker.ts', 'lib/gateway', 'a worker is no gateway: what both need belongs below them'],
  ])('%s reaches nothing of %s', (from, to, why) => {
    // By itself and through whatever else of the same room it imports.
    const reached = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const { target } of importsOf(text(file))) {
        const next = join(dirname(file), target)
        if (files.includes(next) && !next.startsWith(`${to}/`)) visit(next)
        else if (next.startsWith(`${to}/`)) reached.add(next)
      }
    }
    for (const file of files.filter((each) => each === from || each.startsWith(`${from}/`))) visit(file)
    const refused = [...reached].filter((file) => file.startsWith(`${to}/`))
    expect(refused.map((file) => `${file}: ${why}`)).toEqual([])
  })

  test('a cycle would be found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(findCycle(graph)).toEqual(['b', 'c', 'b'])
  })

  test('no name is exported by two files: one name, one meaning', () => {
    const exported = /^export (?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm
    const places = new Map<string, Set<string>>()
    for (const file of files) {
      for (const [, name = ''] of text(file).matchAll(exported)) {
        places.set(name, (places.get(name) ?? new Set<string>()).add(file))
      }
    }
    const twice = [...places].filter(([, where]) => where.size > 1)
    expect(
      twice.map(([name, where]) => `${name}: rename it in one of ${[...where].join(', ')}`),
      'a reader who looks for a name finds one thing',
    ).toEqual([])
  })

  test('no file reaches 300 lines', () => {
    expect(files.filter((file) => text(file).split('\n').length > 300)).toEqual([])
  })

  test('environment, clock, chance, console, network and self-opening streams are used by adapters only', () => {
    const used = within('lib', 'functions').flatMap((file) => {
      if (BROWSER_TEXT.includes(file)) return []
      const code = text(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      const found = FORBIDDEN.filter(([name, pattern]) => pattern.test(code) && !ADAPTERS[file]?.includes(name))
      return found.map(([name]) => `${file} uses ${name}`)
    })
    expect(used).toEqual([])
  })

  test('every file of a function says first what it is', () => {
    const silent = within('functions').filter((file) => !text(file).startsWith('/**'))
    expect(silent).toEqual([])
  })
})

describe('functions', () => {
  const folders = [
    ['scan', steps],
    ['upkeep', upkeep],
    ['tools', tools],
  ] as const
  const owned = folders.flatMap(([folder, list]) =>
    list.map((definition) => {
      return { definition, file: `functions/${folder}/${definition.name.replaceAll('_', '-')}.ts` }
    }),
  )

  test('functions/index.ts lists each function once, under the name of its file', () => {
    const listed = owned.map(({ file }) => file)
    const existing = within('functions').filter((file) => file !== 'functions/index.ts')
    expect([...listed].sort()).toEqual([...existing].sort())
  })

  test.each(owned.map(({ file, definition }) => [file, definition] as const))(
    '%s says why it is safe to run twice and what flows through it',
    (file, { name, consumes, emits }) => {
      const [head = ''] = text(file).split('*/')
      expect(head).toContain('Safe to run twice:')
      const flow = head.match(/ \* {3}(?:[^\n]+)(?:\n \* {4,}[^\n]+)*/)?.[0] ?? ''
      expect(flow, `${file} has no flow line`).toContain(`→ ${name}`)
      const told = [...consumes, ...Object.keys(emits)].filter((type) => !UNTOLD[name]?.includes(type))
      for (const type of told) expect(flow, `the flow line of ${file}`).toContain(type)
    },
  )

  test('every step of a scan stands in lib/scans/course.ts, and nothing else does', () => {
    /** Before the course begins, and after it has ended. */
    const around = ['admit', 'enter', 'clean-up', GIVES_UP]
    const atWork = steps.filter(({ kind, name }) => kind === 'scan' && !around.includes(name)).map(({ name }) => name)
    expect([...atWork].sort(), 'add a row to COURSE in lib/scans/course.ts').toEqual(
      COURSE.map((row): string => row.function).sort(),
    )
    for (const row of COURSE) {
      const readers = functions.filter(({ consumes }) => consumes.includes(row.goesOnWith))
      const names = readers.map(({ name }) => name)
      // The report is fetched again: the event of its validation holds what only the export knows.
      const goesOn = row.step === 'validating' ? 'export' : row.function
      expect(names, `COURSE: ${row.step} goes on with what ${goesOn} consumes, not ${row.goesOnWith}`).toContain(goesOn)
    }
  })

  /** Events that come from elsewhere: calls from the gateway, upkeep from the clock, dead letters from the dispatcher. */
  const outside = [...tools.map(({ name }) => `tool.${name}`), 'sweep.due', 'expire.due', DEAD_EVENT]
  const fromClock = /^[a-z-]+\.due$/

  test('every event that is emitted is read by someone', () => {
    const consumed = new Set(functions.flatMap(({ consumes }) => consumes))
    const unread = functions.flatMap(({ name, emits }) =>
      Object.keys(emits).flatMap((type) => (consumed.has(type) ? [] : [`${name} emits ${type}`])),
    )
    expect(unread).toEqual([])
  })

  test('every event that is read is emitted by someone', () => {
    const emitted = new Set([...functions.flatMap(({ emits }) => Object.keys(emits)), ...outside])
    const unknown = functions.flatMap(({ name, consumes }) =>
      consumes.flatMap((type) => (emitted.has(type) || fromClock.test(type) ? [] : [`${name} waits for ${type}`])),
    )
    expect(unknown).toEqual([])
  })

  test('what is emitted fits what its readers read', () => {
    const wrong = functions.flatMap((emitter) =>
      Object.entries(emitter.emits).flatMap(([type, emitted]) =>
        functions
          .filter(({ consumes }) => consumes.includes(type))
          .flatMap((reader) =>
            mismatches(emitted as AnySchema, reader.input as AnySchema).map(
              (problem) => `${emitter.name} → ${type} → ${reader.name}: ${problem}`,
            ),
          ),
      ),
    )
    expect(wrong).toEqual([])
  })
})

describe('tools', () => {
  test.each(tools.map((tool) => [tool.name, tool] as const))('%s tells a model what it needs to know', (name, tool) => {
    expect(tool.title.length, 'title').toBeGreaterThan(3)
    expect(tool.description.length, 'description').toBeGreaterThan(40)
    expect(tool.description.length, 'description').toBeLessThan(1500)
    expect(tool.annotations, 'annotations').toEqual(NATURES[tool.nature].annotations)
    // Whoever may start, change or destroy holds more than the right to read.
    expect(tool.scope === 'scan:read', 'scope').toBe(tool.nature === 'reads')
    expect(tool.output !== undefined || name === 'get_scan_results', 'output schema').toBe(true)
  })

  test('a tool is a task exactly when it emits the request for a scan', () => {
    const starters = tools.filter(({ emits }) => 'scan.requested' in emits).map(({ name }) => name)
    expect(tools.filter(({ nature }) => NATURES[nature].isTask).map(({ name }) => name)).toEqual(starters)
  })
})
