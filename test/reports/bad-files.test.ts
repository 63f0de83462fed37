/** Goal: no file that is not a whole version 2 report builds a store, and what is legal is read right. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { makeNessusParser } from '../../lib/reports/parse/nessus-parser.ts'
import { makeXmlRepairs } from '../../lib/reports/parse/xml-repairs.ts'
import { openWorkshop } from './support/workshop.ts'
import { findingLines, writtenReport } from './support/written-report.ts'

const report = writtenReport([
  { name: '10.0.0.1', items: [{ severity: 2, children: [['description', 'Grüße, ключ, 鍵, 🔑']] }] },
])
const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><NessusClientData_v2><Report name="&b;"/></NessusClientData_v2>`
const attributes = Array.from({ length: 1001 }, (_, n) => `a${n}=""`).join(' ')
const many = Array.from({ length: 70 }, (_, depth) => `<a${depth}>`).join('')

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', 'the file is empty'],
  ['a file of white space', ' \n ', 'nothing but white space'],
  ['plain text', 'Not found', 'line 1, column '],
  ['an HTML page', '<!DOCTYPE html><html><body>x</body></html>', 'HTML page'],
  ['an HTML page without a doctype', '<html><body>x</body></html>', 'HTML page'],
  ['the old version 1 format', '<NessusClientData><Report/></NessusClientData>', 'version 1'],
  ['another root', '<report/>', 'expected the root element NessusClientData_v2, got report'],
  ['a report of Nmap', '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun/>', 'a report of Nmap'],
  ['a CSV table', 'Plugin ID,CVE,Risk\n"1","","None"\n', 'a CSV table'],
  ['a PDF', '%PDF-1.7\n', 'a PDF report'],
  ['a JSON text', ' {"error": "x"}', 'a JSON text'],
  ['an old NBE report', 'timestamps|||scan_start|Mon|\n', 'NBE'],
  ['a database', 'SQLite format 3\0\u0010', '.db export'],
  ['a binary file', Buffer.from([3, 0, 1, 2, 200]), 'binary file'],
  ['bzip2', 'BZh91AY', 'bzip2'],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), 'xz'],
  ['tar', Buffer.concat([Buffer.alloc(257, 97), Buffer.from('ustar')]), 'tar archive'],
  ['two reports one after the other', report + report, 'two reports'],
  ['a policy', '<NessusClientData_v2><Policy><a/></Policy></NessusClientData_v2>', 'policy export'],
  ['nothing in the root', '<NessusClientData_v2/>', 'no Report element'],
  ['two tag openings', report.replace('<description>', '<<description>'), 'line 5, column '],
  ['a lost closing tag', report.replace('</description>', ''), 'line 6, column '],
  ['a document type', bomb, 'document type declaration'],
  ['an entity that nobody defined', report.replace('Grüße', '&boom;'), 'line 5, column '],
  [
    'an element of very many attributes',
    report.replace('<ReportItem ', `<ReportItem ${attributes} `),
    'over 1000 attributes',
  ],
  ['elements that are too deep', report.replace('Grüße', many), 'nested more than 64 deep'],
  [
    'a severity out of range',
    report.replace('severity="2"', 'severity="9"'),
    'severity: expected a whole number from 0 to 4, got "9"',
  ],
  ['no severity', report.replace('severity="2"', ''), 'severity: expected a whole number from 0 to 4, got nothing'],
  ['a plugin id that is no number', report.replace('"10000"', '"x1"'), 'pluginID: expected'],
  ['a port out of range', report.replace('port="0"', 'port="70000"'), 'port: expected'],
  ['a host without a name', report.replace('name="10.0.0.1"', ''), 'a ReportHost without a name'],
  [
    'an unknown encoding',
    report.replace('version="1.0"', 'version="1.0" encoding="klingon"'),
    'unknown encoding klingon',
  ],
  [
    'a declaration of UTF-16 that is not true',
    report.replace('version="1.0"', 'version="1.0" encoding="UTF-16"'),
    'declares utf-16',
  ],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), 'UTF-32'],
  ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'compressed with gzip'],
  ['zip', Buffer.from('PK\u0003\u0004'), 'zip archive'],
])('%s is refused, and no store is left (NP2, NP3)', async (_, content, message) => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(content)
  const failure = await workshop.reports.build(taskId).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(PermanentError)
  expect(String(failure)).toContain(message)
  expect(String(failure)).toMatch(/line \d+, column \d+/)
  expect(readdirSync(join(workshop.dataDir, taskId)).filter((name) => name.startsWith('findings.store'))).toEqual([])
})

test('a report cut off anywhere is refused', async () => {
  await using workshop = await openWorkshop()
  const whole = Buffer.from(report.trimEnd())
  for (let length = 0; length < whole.length; length += 7) {
    const taskId = await workshop.put(whole.subarray(0, length))
    await expect(workshop.reports.build(taskId)).rejects.toThrow(PermanentError)
  }
})

const utf16be = Buffer.from(`\ufeff${report}`, 'utf16le').swap16()

test.each<[string, Uint8Array]>([
  ['UTF-8', Buffer.from(report)],
  ['UTF-8 with a byte-order mark', Buffer.from(`\ufeff${report}`)],
  [
    'UTF-16 little endian',
    Buffer.from(`\ufeff${report.replace('version="1.0"', 'version="1.0" encoding="UTF-16"')}`, 'utf16le'),
  ],
  ['UTF-16 big endian', utf16be],
  ['UTF-16 without a mark', Buffer.from(report, 'utf16le')],
  ['CRLF line ends', Buffer.from(report.replaceAll('\n', '\r\n'))],
  ['a CDATA section', Buffer.from(report.replace('Grüße, ключ, 鍵, 🔑', '<![CDATA[Grüße, ключ, 鍵, 🔑]]>'))],
  ['comments and instructions inside', Buffer.from(report.replace('Grüße', '<!-- < & -->Gr<?x y?>üße'))],
  ['a policy in front', Buffer.from(report.replace('<Report ', '<Policy><v>plugin_set</v><Report/></Policy><Report '))],
])('%s is read right', async (_, content) => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(content)
  const { text } = await workshop.reports.query(taskId, { customFields: ['host', 'description'] })
  expect(findingLines(text)).toEqual([{ type: 'vulnerability', host: '10.0.0.1', description: 'Grüße, ключ, 鍵, 🔑' }])
})

const marked = 'Gr\ufffdße, ключ, 鍵, 🔑'
const bad = (text: string): string => report.replace('Grüße', `Gr${text}ße`)
test.each<[string, Uint8Array, number]>([
  ['a control character', Buffer.from(bad('\u0001')), 1],
  ['a forbidden reference', Buffer.from(bad('&#x1;')), 1],
  ['a reference to half a surrogate pair', Buffer.from(bad('&#xD800;')), 1],
  ['a reference beyond Unicode', Buffer.from(bad('&#1114112;')), 1],
  ['an empty reference', Buffer.from(bad('&#;')), 1],
  ['a noncharacter', Buffer.from(bad('\ufffe')), 1],
  ['nothing', Buffer.from(report), 0],
])('%s is one bad character, told with its line', async (_, content, count) => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(content)
  const { validation_warnings: warnings } = await workshop.reports.build(taskId)
  const { text } = await workshop.reports.query(taskId, { customFields: ['description'] })
  expect(findingLines(text)[0]?.['description']).toBe(count === 0 ? 'Grüße, ключ, 鍵, 🔑' : marked)
  expect(warnings.filter((warning) => warning.includes('U+FFFD (line 5)'))).toHaveLength(count)
})

test('a stray byte in UTF-8 is one bad character, and a U+FFFD of the report itself is none', async () => {
  await using workshop = await openWorkshop()
  const [front = '', back = ''] = report.replace('Grüße', 'Gr\ufffd|ße').split('|')
  const taskId = await workshop.put(Buffer.concat([Buffer.from(front), Buffer.from([0xfc]), Buffer.from(back)]))
  expect((await workshop.reports.build(taskId)).validation_warnings.join(' ')).toContain('1 character that')
  const { text } = await workshop.reports.query(taskId, { customFields: ['description'] })
  expect(findingLines(text)[0]?.['description']).toBe('Gr\ufffd\ufffdße, ключ, 鍵, 🔑')
})

test('repairs are the same however the text is cut, and CDATA holds no references', () => {
  const text =
    '<!-- x -->\n<?xml version="1.0"?><a>&#x1;\n\u0002 &#65; <![CDATA[&#x1; \u0003]]> &#xd; \ud83d\udd11 \ud83d</a>'
  const wanted = '<?xml version="1.0"?><a>\ufffd\n\ufffd &#65; <![CDATA[&#x1; \ufffd]]> &#xd; \ud83d\udd11 \ufffd</a>'
  for (let size = 1; size <= text.length; size++) {
    const repairs = makeXmlRepairs()
    let came = ''
    const line = (): number => came.split('\n').length
    for (let at = 0; at < text.length; at += size) came += repairs.write(text.slice(at, at + size), line)
    came += repairs.end(line)
    expect(came).toBe(wanted)
    expect(repairs.said()).toEqual([
      'The report has a comment or white space before its XML declaration; it was passed over.',
      '4 characters that XML or the encoding forbids were read as U+FFFD (line 2, 3).',
    ])
  }
})

test.each<[string, Uint8Array, RegExp]>([
  ['a comment before the declaration', Buffer.from(`<!-- x -->\n${report}`), /before its XML declaration/],
  ['bytes after the end', Buffer.concat([Buffer.from(report), Buffer.alloc(100_000)]), /^Bytes after the end[^U]*$/],
  ['text after the end', Buffer.from(`${report}\n-- exported by x`), /^Bytes after the end/],
])('%s are passed over with a warning (NP4)', async (_, content, warning) => {
  await using workshop = await openWorkshop()
  const facts = await workshop.reports.build(await workshop.put(content))
  expect(facts.total_findings).toBe(1)
  expect(facts.validation_warnings[0]).toMatch(warning)
})

test('one text of more characters than may be held is refused with its place, however it is cut (NP1)', () => {
  const parser = makeNessusParser(new Proxy({}, { get: () => () => {} }) as never, makeXmlRepairs())
  parser.write(
    '<NessusClientData_v2><Report name="x"><ReportHost name="h"><ReportItem port="1" pluginID="1" severity="1"><description>',
  )
  const piece = 'a'.repeat(4 * 1024 * 1024)
  const feed = () => {
    for (let n = 0; n < 17; n++) parser.write(piece)
  }
  expect(feed).toThrow(/line 1, column \d+: one text is longer than \d+ characters/)
})

test('white space and comments after the end are no reason for a word', async () => {
  await using workshop = await openWorkshop()
  const facts = await workshop.reports.build(await workshop.put(`${report}\n<!-- made by x -->\n`))
  expect(facts.validation_warnings.join(' ')).not.toContain('after the end')
})

test('an error behind a comment in front names the line of the file', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(`<!-- 1 -->\n\n${report.replace('</description>', '')}`)
  await expect(workshop.reports.build(taskId)).rejects.toThrow('line 8, column ')
})

test('elements inside an unknown element are told apart', async () => {
  await using workshop = await openWorkshop()
  const nested = report.replace('</description>', '</description><actors><a>Foo</a><a>Bar</a></actors>')
  const { text } = await workshop.reports.query(await workshop.put(nested), { customFields: ['actors'] })
  expect(findingLines(text)[0]).toMatchObject({ actors: 'Foo\nBar' })
})

test('a declared single-byte encoding is read right', async () => {
  await using workshop = await openWorkshop()
  const declared = writtenReport([{ name: 'a', items: [{ children: [['description', 'Grüße']] }] }])
  const latin1 = Buffer.from(declared.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"'), 'latin1')
  const { text } = await workshop.reports.query(await workshop.put(latin1), { customFields: ['description'] })
  expect(findingLines(text)[0]).toMatchObject({ description: 'Grüße' })
})

test('a report without hosts is legal, and warns that it is not a clean result', async () => {
  await using workshop = await openWorkshop()
  const facts = await workshop.reports.build(await workshop.put(writtenReport([])))
  expect(facts.hosts_scanned).toBe(0)
  expect(facts.validation_warnings.join(' ')).toContain('not a clean result')
  expect(facts.authentication_status).toBe('unknown')
})

test('a digest that does not match refuses the report', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(report)
  await expect(workshop.reports.build(taskId, { sha256: '0'.repeat(64) })).rejects.toThrow('SHA-256')
})
