/** Which plugin tells what, and who reads it. One table: a plugin that is not here tells nothing to the inventory. */
import type { InventoryKind, Told } from './kinds.ts'
import { readAccountList, readLastLogon, readLinuxUsers, readLocalUsers } from './parsers/accounts.ts'
import { readCertificate } from './parsers/certificates.ts'
import { readOpenPort, readService, readUnixListener, readWindowsListener } from './parsers/listeners.ts'
import { readPatchReport } from './parsers/patches.ts'
import { readCpes, readSshServer, readVersions, readWebServer } from './parsers/products.ts'
import { readPackages, readPrograms } from './parsers/software.ts'
import { readSystem } from './parsers/systems.ts'

type Parser = (output: string, pluginName: string, scanned: string | undefined) => Told

const TABLE: readonly (readonly [kind: InventoryKind, parser: Parser, plugins: string])[] = [
  ['software', readPrograms, '20811 83991'],
  ['software', readPackages, '22869'],
  ['products', readCpes, '45590'],
  ['products', readWebServer, '10107'],
  ['products', readSshServer, '10267'],
  // Log4j, Java, OpenSSL, Apache, nginx, PHP, Tomcat, MySQL, browsers, libraries: each with path or address, and version.
  [
    'products',
    readVersions,
    `156000 156001 33545 64815 147817 148373 168007 141394 48204 48243 106375 136340 39446 10719 34196 20862
    151883 174788 182774 189731 51351 186361`,
  ],
  ['certificates', readCertificate, '10863'],
  ['accounts', readLinuxUsers, '95928'],
  ['accounts', readLocalUsers, '72684'],
  ['accounts', readAccountList('local account'), '10860'],
  ['accounts', readAccountList('domain account'), '10399'],
  ['accounts', readAccountList('administrator'), '10902 10908'],
  ['accounts', readAccountList('disabled'), '10913 10897'],
  ['accounts', readAccountList('password never changed'), '10914 10898'],
  ['accounts', readAccountList('never logged in'), '10915 10899'],
  ['accounts', readAccountList('password never expires'), '10916 10900 83303'],
  ['accounts', readAccountList('cannot change the password'), '10912 10896'],
  ['accounts', readLastLogon, '38689'],
  ['listeners', readOpenPort, '11219 10335 34220 14272 14274 34277'],
  ['listeners', readService, '22964'],
  ['listeners', readWindowsListener, '34252'],
  ['listeners', readUnixListener, '25221'],
  ['systems', readSystem, '11936 54615'],
  ['patches', readPatchReport, '66334'],
]

export const PATCH_REPORT = 66334

export interface InventoryPlugin {
  readonly kind: InventoryKind
  readonly parse: Parser
}

export const INVENTORY_PLUGINS: ReadonlyMap<number, InventoryPlugin> = new Map(
  TABLE.flatMap(([kind, parse, plugins]) =>
    plugins.split(/\s+/).map((id): [number, InventoryPlugin] => [Number(id), { kind, parse }]),
  ),
)
