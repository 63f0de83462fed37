import { Argument, Command } from 'commander'
import { helpExamples } from './client-command.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const EXAMPLES = [
  'nessus-mcp completion bash > /etc/bash_completion.d/nessus-mcp',
  'source <(nessus-mcp completion zsh)',
  'nessus-mcp completion fish > ~/.config/fish/completions/nessus-mcp.fish',
]

/** `nessus-mcp completion`: a script by which a shell completes commands and options. */
export function completionCommand(loadAll: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', helpExamples(EXAMPLES))
    .action(async (shell: Shell) => {
      const entries = (await loadAll()).flatMap((command) => entriesOf(command))
      process.stdout.write(SCRIPTS[shell](entries))
    })
}

interface Entry {
  /** `config check`, or `scan`. */
  readonly words: string
  readonly description: string
  readonly subcommands: readonly string[]
  readonly options: readonly { readonly flag: string; readonly description: string }[]
}

function entriesOf(command: Command, above = ''): Entry[] {
  const words = above === '' ? command.name() : `${above} ${command.name()}`
  const options = command.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : []))
  const subcommands = command.commands.map((sub) => sub.name())
  const own = { words, description: command.description(), subcommands, options }
  return [own, ...command.commands.flatMap((sub) => entriesOf(sub, words))]
}

const topLevel = (entries: readonly Entry[]) => entries.filter(({ words }) => !words.includes(' '))

const choicesOf = ({ subcommands, options }: Entry) =>
  [...subcommands, ...options.map(({ flag }) => flag), '--help'].join(' ')

const SCRIPTS: Readonly<Record<Shell, (entries: readonly Entry[]) => string>> = {
  bash(entries) {
    const cases = entries.map((entry) => `    '${entry.words}') choices='${choicesOf(entry)}' ;;`).join('\n')
    const nested = entries.flatMap(({ words }) => (words.includes(' ') ? [`'${words}'`] : [])).join('|') || "''"
    return `_nessus_mcp() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} choices
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
    ${nested}) ((COMP_CWORD > 2)) && command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" ;;
  esac
  ((COMP_CWORD == 1)) && command=
  case "$command" in
    '') choices='${topLevel(entries)
      .map(({ words }) => words)
      .join(' ')} --help --version' ;;
${cases}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$word"))
  ((\${#COMPREPLY[@]} == 0)) && COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _nessus_mcp nessus-mcp
`
  },

  zsh: (entries) => `#compdef nessus-mcp
autoload -U +X bashcompinit && bashcompinit
${SCRIPTS.bash(entries)}`,

  fish(entries) {
    const lines = topLevel(entries).map(
      ({ words, description }) =>
        `complete -c nessus-mcp -n __fish_use_subcommand -f -a ${words} -d ${quote(description)}`,
    )
    for (const { words, options, subcommands } of entries) {
      const seen = words
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and ')
      for (const name of subcommands) lines.push(`complete -c nessus-mcp -n '${seen}' -f -a ${name}`)
      for (const { flag, description } of options) {
        lines.push(`complete -c nessus-mcp -n '${seen}' -l ${flag.slice(2)} -d ${quote(description)}`)
      }
    }
    return `${lines.join('\n')}\n`
  },
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
