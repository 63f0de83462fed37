/** What the schemas promise, held against the tools: arguments made from a tool's own JSON Schema, and the ways in which clients spell them. */
import { describe, expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { toolSchemas } from '../../lib/gateway/tool-schemas.ts'
import type { WireReply } from '../../lib/runtime/reply.ts'
import { AUTH_METHOD_NEEDS, type AuthMethod } from '../../lib/facts/credential-fields.ts'
import { runningScan, TASK } from '../support/scan-record.ts'
import { seededRandom, type SeededRandom } from '../support/seeded-random.ts'
import { makeWorld } from '../support/world.ts'

interface Property {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly items?: Property
  readonly anyOf?: readonly Property[]
  readonly properties?: Readonly<Record<string, Property>>
}
type Arguments = Record<string, unknown>

const SEEDS = 10
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
const OTHER = 'ns_one_20260301_080000_00000002'

/** Values that only the system at hand can tell: no schema lists them. */
const KNOWN: Readonly<Record<string, readonly unknown[]>> = {
  private_key: [KEY],
  settings: [{ port_range: '22,T:80-90', ping: true }, {}],
  targets: ['192.0.2.1', '192.0.2.1-3, 198.51.100.7'],
  scanner_pool: ['lab'],
  scanner_instance: ['one'],
  task_id: [TASK, OTHER],
  old_task_id: [TASK],
  new_task_id: [OTHER],
  cursor: [TASK, OTHER],
  'list_scanner_scans.cursor': ['7'],
  'list_scanner_runs.cursor': ['7'],
  folder: ['My Scans', '3'],
  modified_since: ['2026-11-30', '2026-11-30T08:00:00Z'],
  modified_until: ['2026-11-30'],
  since: ['2026-11-30'],
  target_filter: ['192.0.2.1', '192.0.2.0/24', 'www.example.org'],
  host: ['192.0.2.1', '192.0.2.0/24', 'www.example.org'],
  cve: ['CVE-2021-44228', ' cve-2021-44228 '],
  filters: [{ severity: '>=3', solution: null }, {}],
  custom_fields: [['host', 'severity'], []],
  scanner_scan_id: [1],
  scan: ['latest', TASK, [TASK]],
  where: [{ severity: '>=3', not: { port: 445 } }, {}],
  group_by: ['host', ['os', 'port']],
  measure: ['findings', ['hosts', 'max cvss3_base_score']],
  having: [{}],
}
/** Two names for one thing, of which one is sent. */
const ALIASES = [
  ['name', 'scan_name'],
  ['status', 'status_filter'],
  ['username', 'ssh_username'],
  ['password', 'ssh_password'],
  ['custom_fields', 'custom_schema'],
  ['custom_fields', 'schema_profile'],
] as const
/** No file is there to be imported, no credential is configured, no policy is saved, and a table is ordered by what it shows. */
const LEFT_OUT = {
  tools: ['import_scan'],
  arguments: ['credential', 'more_credentials', 'policy', 'idempotency_key', 'order'],
}

function value(name: string, property: Property, random: SeededRandom): unknown {
  if (KNOWN[name]) return random.pick(KNOWN[name])
  if (property.anyOf) return value(name, random.pick(property.anyOf), random)
  if (property.enum) return random.pick(property.enum)
  switch (property.type ?? 'string') {
    case 'integer':
      return random.pick([property.minimum ?? -5, property.maximum ?? 5, property.minimum ?? 0])
    case 'number':
      return random.pick([property.minimum ?? 0, property.maximum ?? 1])
    case 'boolean':
      return random.chance(0.5)
    case 'array':
      return random.chance(0.3) ? [] : [value('', property.items ?? {}, random)]
    case 'object':
      return objectOf(property.properties ?? {}, random)
    default:
      return random.pick(['a', 'x y', 'ü'.repeat(Math.min(property.maxLength ?? 5, 60))])
  }
}

function objectOf(properties: Readonly<Record<string, Property>>, random: SeededRandom, required: string[] = []) {
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || random.chance(0.5))
  return Object.fromEntries(chosen.map(([name, property]) => [name, value(name, property, random)]))
}

/** Rules between arguments, which a schema that every client understands cannot say; the descriptions do. */
function asDescribed(args: Arguments): Arguments {
  const { ...kept } = args
  for (const name of LEFT_OUT.arguments) delete kept[name]
  for (const [name, other] of ALIASES) if (name in kept) delete kept[other]
  return kept
}

const schemaOf = (tool: (typeof tools)[number]) =>
  toolSchemas(tool).input as { properties: Record<string, Property>; required: string[] }

function argumentsOf(tool: (typeof tools)[number], random: SeededRandom): Arguments {
  const { properties, required } = schemaOf(tool)
  const args = asDescribed(objectOf(properties, random, required))
  for (const name of Object.keys(args)) {
    const known = KNOWN[`${tool.name}.${name}`]
    if (known) args[name] = random.pick(known)
  }
  if (!('auth_method' in properties)) return args
  const method = (args['auth_method'] ?? 'password') as AuthMethod
  const given = (name: string) => {
    if (name === 'password' && method === 'windows hash') return '0'.repeat(32)
    return name === 'private_key' ? KEY : 'given'
  }
  const needed: Arguments = Object.fromEntries(AUTH_METHOD_NEEDS[method].map((name) => [name, given(name)]))
  if (args['scan_type'] === 'authenticated_privileged') needed['elevate_privileges_with'] = 'sudo'
  const { ssh_username: _user, ssh_password: _password, ...rest } = args
  return { ...rest, ...needed }
}

/** The same, as some client or other writes it. */
function respelled(tool: (typeof tools)[number], args: Arguments, random: SeededRandom): Arguments {
  const { properties, required } = schemaOf(tool)
  const spelled = Object.entries(args).map(([name, given]): [string, unknown] => {
    if (typeof given === 'string') return [name, given]
    if (typeof given === 'boolean') return [name, random.pick([String(given), given ? 'True' : 'False'])]
    return [name, random.pick([JSON.stringify(given), ` ${JSON.stringify(given)} `])]
  })
  const absent = Object.keys(properties).filter((name) => !(name in args) && !required.includes(name))
  return Object.fromEntries([...spelled, ...absent.map((name): [string, unknown] => [name, random.pick([null, ''])])])
}

async function worldWithScan() {
  const world = makeWorld()
  await world.put(runningScan({ status: 'failed', step: 'done', ended_at: '2026-03-01T08:00:00.000Z' }))
  return world
}

const outcome = (reply: WireReply) => (reply.kind === 'refusal' ? `${reply.code}: ${reply.message}` : reply.kind)

describe.each(tools.filter(({ name }) => !LEFT_OUT.tools.includes(name)).map((tool) => [tool.name, tool] as const))(
  '%s',
  (name, tool) => {
    test('works with whatever fits its schema, however it is spelled', async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = seededRandom(seed)
        const args = argumentsOf(tool, random)
        const plain = outcome(await (await worldWithScan()).call(name, args))
        expect({ args, plain }).not.toEqual({ args, plain: expect.stringContaining('invalid_argument') })
        const spelled = respelled(tool, args, random)
        const said = outcome(await (await worldWithScan()).call(name, spelled))
        expect({ spelled, said }).toEqual({ spelled, said: plain })
      }
    })

    test('says in its own words what is wrong with what does not fit', async () => {
      const world = await worldWithScan()
      const base = argumentsOf(tool, seededRandom(1))
      for (const argument of Object.keys(schemaOf(tool).properties)) {
        for (const bad of [{ a: { b: 1 } }, [[1]], true, -1e9, 1.5, 'q'.repeat(2_000_000 / 2 + 1)]) {
          const reply = await world.call(name, { ...base, [argument]: bad }).catch((error: unknown) => ({
            kind: 'refusal' as const,
            code: 'invalid_argument',
            message: String(error),
          }))
          const said = reply.kind === 'refusal' ? reply.message : ''
          expect(said).not.toMatch(/Invalid (?:type|key|value|length|format|input)|Expected .* received/)
        }
      }
    })

    test('shows the bounds of every text, number and list', () => {
      const unbounded = Object.entries(schemaOf(tool).properties).filter(([, property]) =>
        (property.anyOf ?? [property]).some((each) => {
          if (each.enum) return false
          if (each.type === 'integer' || each.type === 'number') return each.minimum === undefined
          if (each.type === 'array') return !('maxItems' in each)
          return each.type === 'string' && each.maxLength === undefined && !('pattern' in each)
        }),
      )
      expect(unbounded.map(([argument]) => argument)).toEqual([])
    })
  },
)

describe('a tool without arguments', () => {
  test.each([{ random_string: 'x' }, { _: 1 }, { dummy: '' }, { input: {} }])('ignores %j', async (args) => {
    expect((await (await worldWithScan()).call('list_pools', args)).kind).toBe('result')
  })
})

test('a misspelt argument of a tool with arguments stays an error with the near name, even when it is empty', async () => {
  for (const misspelt of [{ scaner_pool: 'lab' }, { scaner_pool: '' }, { scaner_pool: null }]) {
    const said = await (await worldWithScan()).call('list_tasks', misspelt).then(outcome, String)
    expect(said).toMatch(/has no argument scaner_pool \(did you mean .*scanner_pool/)
  }
})

describe('an unknown name is an error with near names, never an empty list', () => {
  test.each([
    ['list_tasks', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['list_scans', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['list_scanners', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['list_templates', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['list_scanner_scans', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['adopt_scan', { scanner_pool: 'labb', scanner_scan_id: 1 }, /scanner_pool: .*"labb".*did you mean lab/],
    ['get_pool_status', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['get_queue_status', { scanner_pool: 'labb' }, /scanner_pool: .*"labb".*did you mean lab/],
    ['list_templates', { scanner_instance: 'onne' }, /scanner_instance: .*did you mean one/],
    ['list_tasks', { status: 'runing' }, /status: expected one of .*"running".* got "runing"; did you mean running/],
    ['list_tasks', { scan_type: 'untrused' }, /scan_type: .*did you mean untrusted/],
    ['list_scanners', { scanner_type: 'nesus' }, /scanner_type: .*did you mean nessus/],
    ['get_scan_results', { task_id: TASK, schema_profile: 'breif' }, /schema_profile: .*did you mean brief/],
  ])('%s %j', async (tool, args, message) => {
    const said = await (await worldWithScan()).call(tool, args).then(outcome, String)
    expect(said).toMatch(message)
  })

  test('a pool that only old scans know is none of them', async () => {
    const world = makeWorld()
    await world.put(runningScan({ status: 'failed', scanner_pool: 'gone' }))
    const listed = await world.call('list_tasks', { scanner_pool: 'gone' })
    expect(listed).toMatchObject({ kind: 'result', result: { total: 1 } })
    expect(await world.call('list_tasks', { scanner_pool: '' })).toMatchObject({ result: { total: 1 } })
  })
})

describe('a list goes on after a scan that has gone meanwhile', () => {
  const id = (n: number) => `ns_one_20260301_08000${n}_0000000${n}`
  const filled = async () => {
    const world = makeWorld()
    for (const n of [1, 2, 3, 4])
      await world.put(runningScan({ task_id: id(n), status: 'failed', created_at: `2026-03-01T08:00:0${n}.000Z` }))
    return world
  }
  const ids = (reply: WireReply) =>
    ((reply as unknown as { result: { tasks: { task_id: string }[] } }).result.tasks ?? []).map(
      ({ task_id }) => task_id,
    )

  test('with what is older, not with the first page again', async () => {
    const world = await filled()
    await world.call('delete_scan', { task_id: id(3) })
    expect(ids(await world.call('list_tasks', { cursor: id(3) }))).toEqual([id(2), id(1)])
  })

  test('and what is no time at all is refused', async () => {
    const world = await filled()
    expect(outcome(await world.call('list_tasks', { cursor: 'ns_one_99999999_999999_00000000' }))).toMatch(/cursor: /)
  })
})
