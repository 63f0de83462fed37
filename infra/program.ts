/** The command line: every command, and what an error looks like. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { deadCommand } from './commands/dead.ts'
import { gatewayCommand } from './commands/gateway.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { statsCommand } from './commands/stats.ts'
import { upCommand } from './commands/up.ts'
import { workerCommand } from './commands/worker.ts'
import { simulatorCommand } from './simulator/command.ts'

export function makeProgram(): Command {
  return new Command('nessus-mcp')
    .description('Run Nessus vulnerability scans and read their results over the Model Context Protocol.')
    .version(version())
    .showSuggestionAfterError()
    .addCommand(upCommand())
    .addCommand(gatewayCommand())
    .addCommand(workerCommand())
    .addCommand(simulatorCommand())
    .addCommand(deadCommand())
    .addCommand(statsCommand())
    .addCommand(rebuildCommand())
}

/** The version in package.json, two folders up from here when built and one when not. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version)
    } catch {
      continue
    }
  }
  return 'unknown'
}
