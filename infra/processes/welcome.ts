/** What `up` prints once everything runs: where it is, how to connect an agent, and a call to try. */
export interface Up {
  readonly url: string
  /** Address of the simulated scanner, when no scanner is configured. */
  readonly simulated: string | undefined
  readonly scannerConfig: string
  readonly dataDir: string
}

/** Where the command line looks for a gateway by itself. */
const USUAL_URL = 'http://127.0.0.1:8836'

export function welcome({ url, simulated, scannerConfig, dataDir }: Up): string {
  const elsewhere = url === USUAL_URL ? '' : ` --url ${url}`
  const scanner =
    simulated === undefined
      ? `  scanners       from ${scannerConfig}`
      : `  scanner        simulated, at ${simulated}: no scanner is configured in ${scannerConfig}
                 (see config/scanners.example.yaml)`
  return `
nessus-mcp is up.

  MCP endpoint   ${url}/mcp
  console        ${url}/
  health         ${url}/health
${scanner}
  data           ${dataDir}

Connect an agent:
  claude mcp add --transport http nessus ${url}/mcp

Try a call:
  curl -s ${url}/tools/run_untrusted_scan -d '{"targets":"192.0.2.10-12","name":"First scan"}'

Or from a second terminal:
  npx nessus-mcp scan 192.0.2.10-12 --wait${elsewhere}

Ctrl-C stops everything; scans and results are kept.
`
}
