/** What may be asked for: one table, read by the question, the tool's schema and the tests. */
import * as v from 'valibot'
import { INVENTORY, INVENTORY_KINDS, type InventoryKind } from '../inventory/kinds.ts'
import { meaning } from '../query/other-words.ts'

export interface Subject {
  /** What its rows are grouped by when the question names nothing. */
  readonly groupBy: readonly string[]
  readonly measures: readonly string[]
  /** The column that rows are ordered by when the question names none; the first measure without it. */
  readonly order?: string
  /** Which items count: findings of severity low or worse, everything reported, or compliance checks. */
  readonly items: 'findings' | 'all' | 'checks'
  /** What is asked: the findings, the hosts, or a kind of the inventory. */
  readonly table: 'findings' | 'hosts' | 'lives' | InventoryKind
  readonly says: string
}

const OF_FINDINGS = {
  findings: {
    groupBy: [],
    measures: ['findings'],
    items: 'findings',
    says: 'findings of severity low or worse, compliance checks apart',
  },
  hosts: { groupBy: ['host'], measures: ['findings', 'worst'], items: 'findings', says: 'hosts with such findings' },
  plugins: {
    groupBy: ['plugin_id', 'plugin_name'],
    measures: ['hosts', 'findings', 'worst'],
    items: 'findings',
    says: 'plugins (kinds of problems) with such findings',
  },
  cves: { groupBy: ['cve'], measures: ['hosts', 'findings'], items: 'findings', says: 'CVEs that such findings name' },
  ports: {
    groupBy: ['port', 'protocol'],
    measures: ['hosts'],
    items: 'all',
    says: 'ports on which anything at all is reported, which is what the report shows as open',
  },
  services: {
    groupBy: ['svc_name', 'port', 'protocol'],
    measures: ['hosts'],
    items: 'all',
    says: 'services on which anything at all is reported',
  },
  checks: {
    groupBy: ['compliance_check_name', 'compliance_result'],
    measures: ['hosts', 'items'],
    items: 'checks',
    says: 'compliance checks',
  },
  fixes: {
    groupBy: ['solution'],
    measures: ['findings', 'hosts', 'worst'],
    items: 'findings',
    says: 'solutions: findings with the same solution text count as one fix',
  },
  fix_plan: {
    groupBy: [],
    measures: ['findings', 'kev'],
    items: 'findings',
    says: 'what to do first: each finding counted once, superseded fixes left out, and what remains after each',
  },
} as const satisfies Readonly<Record<string, Omit<Subject, 'table'>>>

const OF_TABLES = {
  scanned_hosts: {
    groupBy: ['host', 'os', 'host_login', 'host_reach'],
    measures: [],
    items: 'all',
    table: 'hosts',
    says: 'every host of the scan, with findings or without: its system, names, login and reach',
  },
  lives: {
    groupBy: ['state'],
    measures: ['findings', 'hosts'],
    items: 'all',
    table: 'lives',
    says: 'what became of each finding over all scans that ever were: new, fixed with proof, returned, not retested, its age',
  },
} as const satisfies Readonly<Record<string, Subject>>

export type SubjectName = keyof typeof OF_FINDINGS | keyof typeof OF_TABLES | InventoryKind

export const SUBJECTS = Object.fromEntries([
  ...Object.entries(OF_FINDINGS).map(([name, subject]) => [name, { ...subject, table: 'findings' }]),
  ...Object.entries(OF_TABLES),
  ...INVENTORY_KINDS.map((kind) => [kind, { ...INVENTORY[kind], items: 'all', measures: ['hosts'], table: kind }]),
]) as Readonly<Record<SubjectName, Subject>>
const SUBJECT_NAMES = Object.keys(SUBJECTS) as readonly SubjectName[]
export const AskedSubject = v.picklist(
  SUBJECT_NAMES,
  ({ received, input }) =>
    `expected one of ${SUBJECT_NAMES.join(', ')}, got ${received}${typeof input === 'string' ? meaning(input, SUBJECT_NAMES) : ''}`,
)

/** The field by which a subject tells its things apart; what is counted where a question is grouped by it first. */
export const OWN_FIELD: Readonly<Partial<Record<SubjectName, string>>> = {
  plugins: 'plugin_id',
  cves: 'cve',
  fixes: 'solution',
  ports: 'port',
  services: 'svc_name',
  checks: 'compliance_check_name',
}
