/**
 * The console page: scans, scanners and queues at a glance, for people. One
 * page without outside assets; it calls the same tools as everybody, with the
 * token the reader gives it.
 */
import { createHash } from 'node:crypto'
import { CONSOLE_SCRIPT } from './console-script.ts'
import { CONSOLE_STYLE } from './console-style.ts'

export const CONSOLE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nessus-mcp</title>
<link rel="icon" href="data:,">
<style>${CONSOLE_STYLE}</style>
</head>
<body>
<a class="skip" href="#scans">Skip to the scans</a>
<header>
  <h1>nessus-mcp</h1>
  <p id="state" role="status" aria-live="polite">Connecting…</p>
</header>
<form id="lock" hidden>
  <label for="token">Token</label>
  <input id="token" type="password" autocomplete="off" required>
  <button>Unlock</button>
  <p>Kept in this tab only.</p>
</form>
<main>
  <section aria-labelledby="overview-title">
    <h2 id="overview-title">Overview</h2>
    <dl id="overview"></dl>
  </section>
  <section aria-labelledby="scans-title">
    <h2 id="scans-title">Scans</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="scans-title">
      <table id="scans">
        <thead><tr><th scope="col">Scan</th><th scope="col">Status</th><th scope="col">Progress</th><th scope="col">Targets</th><th scope="col">Scanner</th><th scope="col">Findings</th><th scope="col">Created</th></tr></thead>
        <tbody></tbody>
      </table>
    </div>
    <p><button id="more" type="button" hidden>Older scans</button></p>
  </section>
  <section aria-labelledby="scanners-title">
    <h2 id="scanners-title">Scanners</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="scanners-title">
      <table id="scanners">
        <thead><tr><th scope="col">Scanner</th><th scope="col">Pool</th><th scope="col">Reachable</th><th scope="col">Version</th><th scope="col">Busy</th></tr></thead>
        <tbody></tbody>
      </table>
    </div>
  </section>
</main>
<footer><a href="/openapi.json">OpenAPI</a> <a href="/health">Health</a> <a href="/metrics">Metrics</a> <span>MCP at <code id="mcp"></code></span></footer>
<script>${CONSOLE_SCRIPT}</script>
</body>
</html>
`

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Only this page's own script and style run, and they speak to this gateway alone. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  `script-src ${hash(CONSOLE_SCRIPT)}`,
  `style-src ${hash(CONSOLE_STYLE)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
