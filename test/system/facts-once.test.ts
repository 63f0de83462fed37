/** Keeps facts in one place: what several layers must say alike is written once, and imported. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Facts that several layers share: where each is written down, and by what text a second copy would be known. */
const ONCE = [
  ["a task id's form", 'lib/facts/task-id.ts', /_\\d\{8\}_\\d\{6\}_/],
  ['the names of profiles', 'lib/facts/profiles.ts', /'minimal', *'summary'/],
  ['the name of the report', 'lib/facts/task-folder.ts', /'scan_native\.nessus'/],
  ['the name of the snapshot', 'lib/facts/task-folder.ts', /'task\.json'/],
  ['the list of ways to log in', 'lib/facts/credential-fields.ts', /'public key', *'certificate'/],
  ['the names of secret arguments', 'lib/facts/credential-fields.ts', /'passphrase', *'escalation_password'/],
  ['arithmetic with addresses', 'lib/base/ip-range.ts', /0xffff_0000_0000n|new BlockList|split\('::'\)/],
  [
    "the names of the bus's keys",
    'lib/bus/keys.ts',
    /':(?:in|delayed|seen|dead|hosting|acting|reply):?|prefix \.\. ':/,
  ],
  ['how an optional member is left out', 'lib/base/defined.ts', /\.\.\.\((\w+) === undefined \? \{\} : \{ \1 \}\)/],
  ['the envelope of an event', 'lib/bus/event.ts', /specversion: '1\.0'/],
  ['how an event is posted to its readers', 'lib/runtime/routes.ts', /\(to\) => \(\{ to, event/],
  ['the folder of uploads', 'lib/facts/task-folder.ts', /'incoming'/],
] as const

const files = ['functions', 'lib', 'config', 'infra'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${root}/${name.replaceAll('\\', '/')}`),
)
const text = (file: string) => readFileSync(file, 'utf8')

test.each(ONCE)('%s is written in %s alone', (_fact, place, copy) => {
  const copies = files.filter((file) => file !== place && copy.test(text(file)))
  expect(copies, `import it from ${place}`).toEqual([])
})

test('each script of Redis opens with its KEYS, its ARGV and what it returns', () => {
  const silent = files.flatMap((file) => {
    const code = text(file)
    return [...code.matchAll(/^(?:export )?const (\w+) = new Script\((\w*)/gm)].flatMap(
      ({ 1: name, 2: body, index }) => {
        // Where two scripts share a body, its head is theirs.
        const at = body ? code.indexOf(`const ${body} = `) : index
        const head = code.slice(code.lastIndexOf('/**', at), at)
        const lacks = ['KEYS', 'ARGV', 'Returns'].filter((word) => !head.includes(` *   ${word}`))
        return lacks.length === 0 ? [] : [`${file}: ${name} says nothing of ${lacks.join(', ')}`]
      },
    )
  })
  expect(silent).toEqual([])
})
