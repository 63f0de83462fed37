/** What `up` prints once everything runs: where it is, how to connect an agent, and a call to try. */
import type { Settings } from '../config/settings.ts'

export function welcome(up: { url: string; simulated: string | undefined; settings: Settings }): string {
  const { url, simulated, settings } = up
  const scanner =
    simulated === undefined
      ? `  scanners       from ${settings.scannerConfig}`
      : `  scanner        simulated, at ${simulated}: no scanner is configured in ${settings.scannerConfig}
                 (see config/scanners.example.yaml)`
  return `
nessus-mcp is up.

  MCP endpoint   ${url}/mcp
  console        ${url}/
  health         ${url}/health
${scanner}
  data           ${settings.dataDir}

Connect an agent:
  claude mcp add --transport http nessus ${url}/mcp

Try a call:
  curl -s ${url}/tools/run_untrusted_scan -d '{"targets":"192.0.2.10-12","name":"First scan"}'

Or from a second terminal:
  npx nessus-mcp scan 192.0.2.10-12 --wait

Ctrl-C stops everything; scans and results are kept.
`
}
