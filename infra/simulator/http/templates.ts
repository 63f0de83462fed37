/** The scan templates: looked up by name, since their ids are no UUIDs and differ between builds. */
import { defined } from '../../../lib/base/defined.ts'
import { credentialForms, type FormVersion } from '../state/credential-template.ts'
import { complianceForm } from '../state/plugin-forms.ts'
import { familiesForm, isByHand, settingsForm } from '../state/settings-form.ts'
import type { SimulatedScan } from '../state/scan.ts'

interface Template {
  readonly uuid: string
  readonly name: string
  readonly title: string
  readonly desc: string
  /** Listed, and not for everybody. */
  readonly only?: 'licensed elsewhere' | 'for agents' | 'in the cloud' | 'on a manager'
}

export const TEMPLATES: readonly Template[] = [
  template(
    '731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65',
    'basic',
    'Basic Network Scan',
    'A full scan for any host.',
  ),
  template(
    'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66',
    'advanced',
    'Advanced Scan',
    'Every setting by hand.',
  ),
  template('ab4bacd2-05f6-425c-9d79-3ba3940ad1c24e51e1f403febe40', 'custom', 'Custom Scan', 'A scan from a policy.'),
  template(
    'bbd4f805-3966-d464-b2d1-0079eb89d69708c3a05ec2812bcf',
    'discovery',
    'Host Discovery',
    'Which hosts are up.',
  ),
  template('0625147c-30fd-d79f-e54f-ce7ccd7523e9b63d84cb81c23c2f', 'webapp', 'Web Application Tests', 'Web servers.'),
  template('d16c51fa-597f-67a8-9add-74d5ab066b49a918400c42a035f7', 'malware', 'Malware Scan', 'Looks for malware.'),
  template(
    '0bf26f37-9a4b-6e8f-2c1d-5e3f7a9b1c2d4e5f60718293a4b5',
    'patch_audit',
    'Credentialed Patch Audit',
    'Missing updates.',
  ),
  template(
    '5a1f0c2e-7b3d-4e6f-8a9b-0c1d2e3f405162738495a6b7c8d9',
    'pci_scan',
    'PCI Quarterly External Scan',
    'Not licensed.',
    'licensed elsewhere',
  ),
  template(
    '65e2e0ff-2a1c-4d0b-9c3e-1f2a3b4c5d6e7f8091a2b3c4d5e6',
    'agent_basic',
    'Basic Agent Scan',
    'Hosts with agents.',
    'for agents',
  ),
  template('7f3c2d1e-0b9a-4857-8665-74839201a1b2c3d4e5f60718293a', 'asv', 'PCI ASV', 'Cloud service.', 'in the cloud'),
  template(
    '3d2c1b0a-9f8e-4d7c-86b5-a4938271605f4e3d2c1b0a9f8e7d',
    'mdm',
    'Mobile Device Scan',
    'Devices of an MDM.',
    'on a manager',
  ),
]

/** Whether a scan of hosts can be made from it here. */
export function canRun({ only }: Template, isManager: boolean): boolean {
  return only === undefined || (only === 'on a manager' && isManager)
}

/** The list entry of a template. */
export function listedTemplate(one: Template): object {
  return {
    uuid: one.uuid,
    name: one.name,
    title: one.title,
    desc: one.desc,
    subscription_only: false,
    cloud_only: one.only === 'in the cloud',
    is_agent: one.only === 'for agents' ? true : null,
    manager_only: one.only === 'on a manager',
    unsupported: false,
    license_fulfilled: one.only !== 'licensed elsewhere',
    more_info: null,
    order: null,
  }
}

/** The whole template, with the ids of its fields; `scan` adds what that scan has set, its secrets masked. */
export function editorShape(one: Template, version: FormVersion, scan?: SimulatedScan): object {
  const data = Object.entries(credentialForms(version)).map(([category, types]) => ({
    name: category,
    types: types.map((type) => ({
      ...type,
      settings: type.settings.map((input) => ({ ...input, ...defined({ default: scan?.settings?.[input.id] }) })),
      instances: (scan?.credentials ?? [])
        .filter((given) => given.category === category && given.type === type.name)
        .map((given) => given.fields),
    })),
  }))
  return {
    uuid: one.uuid,
    name: one.name,
    title: one.title,
    ...(scan ? { id: scan.id, scan_name: scan.name } : {}),
    settings: {
      basic: { inputs: basicInputs(scan) },
      assessment: {},
      report: {},
      ...settingsForm(one.name, scan?.settings),
    },
    credentials: { data },
    compliance: complianceForm(isByHand(one.name), scan?.audits),
    plugins: { families: familiesForm(one.name, scan?.families, scan?.individual) },
    filter_attributes: [],
  }
}

function basicInputs(scan: SimulatedScan | undefined): object[] {
  const values = { name: scan?.name, description: scan?.description, text_targets: scan?.targets }
  return Object.entries(values).map(([id, value]) => ({
    id,
    name: id,
    type: id === 'text_targets' ? 'textarea' : 'entry',
    required: id === 'name',
    ...defined({ default: value }),
  }))
}

function template(uuid: string, name: string, title: string, desc: string, only?: Template['only']): Template {
  return { uuid, name, title, desc, ...defined({ only }) }
}
