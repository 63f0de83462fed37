/** Looks a command line up in the program, so that no page tells of a command or an option that is not there. */
import type { Command } from 'commander'

/** A sentence about what is wrong with `line` (what follows `nessus-mcp`), or undefined. */
export function problemOf(program: Command, line: string): string | undefined {
  let command = program
  const words = line.split(/\s+/).filter((word) => word !== '')
  for (const [at, word] of words.entries()) {
    // A comment, another program or a placeholder: what follows is not ours to check.
    if (/^[#|>&;(<…]/.test(word) && (command.commands.length > 0 || !word.startsWith('<'))) return undefined
    if (word.startsWith('-')) {
      const flag = word.split('=')[0]!
      if (!/^--[a-z]/.test(flag) || flag === '--help' || flag === '--version') continue
      if (!knows(command, flag)) return `nessus-mcp ${words.slice(0, at + 1).join(' ')}: there is no option ${flag}`
    } else if (command.commands.length > 0) {
      const next = command.commands.find((each) => each.name() === word)
      if (!next) return `nessus-mcp ${words.slice(0, at + 1).join(' ')}: there is no command ${word}`
      command = next
    }
  }
  return undefined
}

function knows(command: Command, flag: string): boolean {
  return command.options.some(({ long }) => long === flag)
}

/** The command lines in what a page shows as code. */
export function commandLinesIn(code: readonly string[]): string[] {
  return code.flatMap((line) =>
    [...line.matchAll(/(?:^|[\s(=])nessus-mcp((?: +[^\s`]+)+)/g)].map(([, rest = '']) => rest),
  )
}
