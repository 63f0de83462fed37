import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { settingNames } from '../../../config/settings-table.ts'
import { loadSettings } from '../../../config/settings.ts'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { filesUnder, valuesOf, yamlDocuments } from './deployment-files.ts'

const FOLDER = 'infra/deploy/kubernetes'
const Resource = v.looseObject({ apiVersion: v.string(), kind: v.string() })
const files = filesUnder(FOLDER)
const resources = files.flatMap((path) => yamlDocuments(path).map((document) => v.parse(Resource, document)))
const ofKind = (kind: string) => resources.filter((resource) => resource.kind === kind)

const Container = v.looseObject({
  name: v.string(),
  args: v.optional(v.array(v.string())),
  env: v.optional(v.array(v.object({ name: v.string(), value: v.string() })), []),
  securityContext: v.looseObject({
    readOnlyRootFilesystem: v.literal(true),
    allowPrivilegeEscalation: v.literal(false),
  }),
})
const containers = valuesOf(resources, 'containers').flatMap((list) => v.parse(v.array(Container), list))
const shared = v.parse(v.looseObject({ data: v.record(v.string(), v.string()) }), ofKind('ConfigMap')[0]).data

test('every file is listed, and only the example of the secret is left out', () => {
  const [kustomization] = ofKind('Kustomization')
  const listed = v.parse(v.looseObject({ resources: v.array(v.string()) }), kustomization).resources
  const unlisted = ['kustomization.yaml', 'secret.example.yaml']
  expect([...listed, ...unlisted].toSorted()).toEqual(files.map((path) => path.slice(FOLDER.length + 1)).toSorted())
})

test('gateway and worker run their own subcommands', () => {
  const roles = containers.filter((container) => container.name !== 'redis')
  expect(roles.map((container) => [container.name, container.args])).toEqual([
    ['gateway', ['gateway']],
    ['worker', ['worker']],
  ])
})

test('every environment variable is a setting, and its value is accepted', () => {
  for (const container of containers.filter(({ name }) => name !== 'redis')) {
    const environment = { ...shared, ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])) }
    expect(Object.keys(environment).filter((name) => !settingNames().includes(name))).toEqual([])
    // The secret's files exist only in the cluster.
    expect(() => loadSettings({ ...environment, SECRET_KEY_FILE: '', SCANNER_CONFIG: '' })).not.toThrow()
  }
})

test('the scanners in the example of the secret are read by the program', () => {
  const [text] = valuesOf(ofKind('Secret'), 'scanners.yaml').map(String)
  const { entries } = parseConfiguration({ text: text ?? '', file: 'scanners.yaml', env: {}, readFile: () => '' })
  expect(entries.map((entry) => entry.key)).toEqual(['lan/one'])
})

test('whatever is named under /secrets is in the example of the secret', () => {
  const [secret] = ofKind('Secret')
  const keys = Object.keys(v.parse(v.looseObject({ stringData: v.record(v.string(), v.string()) }), secret).stringData)
  const named = [...JSON.stringify(resources).matchAll(/"\/secrets\/([\w.-]+)"/g)].map((match) => match[1])
  expect(named.filter((key) => !keys.includes(key ?? ''))).toEqual([])
  expect(named).toContain('tokens')
})

test('a gateway that is reachable from outside asks for tokens', () => {
  const gateway = containers.find(({ name }) => name === 'gateway')
  expect(shared).not.toHaveProperty('NO_AUTH')
  expect(gateway?.env.map(({ name }) => name)).toContain('AUTH_TOKENS_FILE')
})

test('a stopping pod gets more time than the process may take', () => {
  const { shutdownGraceMs } = loadSettings({ SHUTDOWN_GRACE_SECONDS: shared['SHUTDOWN_GRACE_SECONDS'] })
  for (const seconds of valuesOf(resources, 'terminationGracePeriodSeconds')) {
    expect(Number(seconds) * 1000).toBeGreaterThan(shutdownGraceMs)
  }
})

describe('selectors find what they are for', () => {
  const podLabels = valuesOf(resources, 'template').flatMap((template) => valuesOf(template, 'labels')) as object[]
  const selectors = [
    ...valuesOf(resources, 'matchLabels'),
    ...ofKind('Service').flatMap((service) => valuesOf(service, 'selector')),
  ] as Record<string, string>[]
  test.each(selectors.map((selector) => [JSON.stringify(selector), selector] as const))('%s', (_text, selector) => {
    expect(
      podLabels.some((labels) => Object.entries(selector).every(([key, value]) => Reflect.get(labels, key) === value)),
    ).toBe(true)
  })
})
