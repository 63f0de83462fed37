/** The command line: every command, and what an error looks like. Only the command that runs is loaded, so that it starts quickly. */
import { readFileSync } from 'node:fs'
import { Command, type CommanderError } from 'commander'
import { EXIT } from './commands/exit-codes.ts'

type Load = () => Promise<Command>

/** In the order in which the help shows them. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  'Scans:': {
    scan: async () => (await import('./commands/scan.ts')).scanCommand(),
    relaunch: async () => (await import('./commands/relaunch.ts')).relaunchCommand(),
    status: async () => (await import('./commands/status.ts')).statusCommand(),
    results: async () => (await import('./commands/results.ts')).resultsCommand(),
    list: async () => (await import('./commands/list.ts')).listCommand(),
    stop: async () => (await import('./commands/stop.ts')).stopCommand(),
    delete: async () => (await import('./commands/delete.ts')).deleteCommand(),
    import: async () => (await import('./commands/import.ts')).importCommand(),
    download: async () => (await import('./commands/download.ts')).downloadCommand(),
    call: async () => (await import('./commands/call.ts')).callCommand(),
  },
  'Scanners:': {
    scanners: async () => (await import('./commands/scanners.ts')).scannersCommand(),
    'on-scanner': async () => (await import('./commands/on-scanner.ts')).onScannerCommand(),
    policies: async () => (await import('./commands/policies.ts')).policiesCommand(),
    adopt: async () => (await import('./commands/adopt.ts')).adoptCommand(),
    pools: async () => (await import('./commands/pools.ts')).poolsCommand(),
    queue: async () => (await import('./commands/queue.ts')).queueCommand(),
  },
  'Servers:': {
    up: async () => (await import('./commands/up.ts')).upCommand(),
    stdio: async () => (await import('./commands/stdio.ts')).stdioCommand(),
    gateway: async () => (await import('./commands/gateway.ts')).gatewayCommand(),
    worker: async () => (await import('./commands/worker.ts')).workerCommand(),
    simulator: async () => (await import('../simulator/command.ts')).simulatorCommand(),
  },
  'Operation:': {
    config: async () => (await import('./commands/config.ts')).configCommand(),
    token: async () => (await import('./commands/token.ts')).tokenCommand(),
    dead: async () => (await import('./commands/dead.ts')).deadCommand(),
    stats: async () => (await import('./commands/stats.ts')).statsCommand(),
    rebuild: async () => (await import('./commands/rebuild.ts')).rebuildCommand(),
    'give-up': async () => (await import('./commands/give-up.ts')).giveUpCommand(),
    repair: async () => (await import('./commands/repair.ts')).repairCommand(),
    completion: async () => (await import('./commands/completion.ts')).completionCommand(loadAll),
  },
}

/** The program for `args`, which are what follows its name. With `help`, or no known command, it has every command. */
export async function makeProgram(args: readonly string[]): Promise<Command> {
  const [name = ''] = args
  const program = new Command('nessus-mcp')
    .description('Run Nessus vulnerability scans and read their results over the Model Context Protocol.')
    .version(version())
    .showSuggestionAfterError()
    .exitOverride(exit)
  const load = Object.values(GROUPS).find((group) => Object.hasOwn(group, name))?.[name]
  for (const command of load ? [await load()] : await loadAll()) program.addCommand(exitsAlike(command))
  return program
}

async function loadAll(): Promise<Command[]> {
  const loading = Object.entries(GROUPS).flatMap(([heading, group]) =>
    Object.values(group).map(async (load) => (await load()).helpGroup(heading)),
  )
  return Promise.all(loading)
}

function exitsAlike(command: Command): Command {
  command.exitOverride(exit)
  for (const sub of command.commands) exitsAlike(sub)
  return command
}

/** Asking for help is a success; a command line that cannot be understood is a mistake of usage. */
function exit(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage)
}

/** The version in package.json, three folders up from here when built and two when not. */
export function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version)
    } catch {
      continue
    }
  }
  return 'unknown'
}
