/**
 * What the console page does. Plain script for a browser. Whatever comes from
 * the server is put in as text, never as markup: names of scans and hosts are
 * chosen by others.
 */
export const CONSOLE_SCRIPT = `
'use strict'
const REFRESH_MS = 5000
const SCANS_PER_PAGE = 50
const byId = (id) => document.getElementById(id)
let token = sessionStorage.getItem('token') ?? ''
let shownMax = SCANS_PER_PAGE
let timer

async function call(tool, args = {}) {
  const headers = { 'content-type': 'application/json' }
  if (token) headers.authorization = 'Bearer ' + token
  const response = await fetch('/tools/' + tool, { method: 'POST', headers, body: JSON.stringify(args) })
  const answer = await response.json()
  if (response.ok) return answer
  const error = new Error(answer.error?.message ?? response.statusText)
  error.status = response.status
  throw error
}

/** A tool that this version or this token does not have is left out, not an error of the page. */
const optional = (promise) => promise.catch((error) => { if (error.status === 401) throw error })

function node(name, content, className) {
  const element = document.createElement(name)
  if (className) element.className = className
  for (const part of [content].flat()) if (part != null) element.append(part instanceof Node ? part : String(part))
  return element
}

const row = (...cells) => { const line = node('tr', []); line.append(...cells.map((cell) => cell instanceof HTMLTableCellElement ? cell : node('td', cell))); return line }
const fill = (id, rows, width, none) => {
  const empty = () => { const cell = node('td', none); cell.colSpan = width; return row(cell) }
  byId(id).tBodies[0].replaceChildren(...(rows.length ? rows : [empty()]))
}

function progressOf(scan) {
  if (scan.status === 'queued') return scan.step
  if (scan.status !== 'running') return ''
  const bar = document.createElement('progress')
  bar.max = 100
  bar.value = scan.progress ?? 0
  bar.setAttribute('aria-label', 'Progress of ' + scan.name)
  return [bar, ' ' + scan.step]
}

function showScans({ tasks, total, next_cursor: next }) {
  const rows = tasks.map((scan) => row(
    node('td', [scan.name, node('small', scan.task_id)]),
    node('td', [scan.status, scan.error ? node('small', scan.error) : null], scan.status),
    node('td', progressOf(scan)),
    scan.targets,
    scan.scanner_instance ?? scan.scanner_pool,
    node('td', [scan.total_vulnerabilities ?? '', scan.authentication_status === 'failed' ? node('small', 'login failed') : null], 'number'),
    node('td', new Date(scan.created_at).toLocaleString(), 'number'),
  ))
  fill('scans', rows, 7, 'No scans yet. Start one with run_untrusted_scan.')
  byId('more').hidden = !next
  return total
}

function showScanners({ scanners = [] } = {}) {
  const rows = scanners.map((scanner) => row(
    node('td', [scanner.name ?? scanner.id, node('small', scanner.url ?? '')]),
    scanner.pool ?? scanner.scanner_pool ?? '',
    node('td', scanner.reachable === undefined || scanner.reachable === null ? 'unknown' : scanner.reachable ? 'yes' : 'no', scanner.reachable ? 'yes' : 'no'),
    scanner.version ?? '',
    node('td', (scanner.active_scans ?? 0) + ' of ' + (scanner.max_concurrent_scans ?? '?'), 'number'),
  ))
  fill('scanners', rows, 5, 'No scanner is configured.')
}

function showOverview(facts) {
  const tiles = facts.filter(([, value]) => value !== undefined).map(([name, value, bad]) => node('div', [node('dt', name), node('dd', value, bad ? 'bad' : '')]))
  byId('overview').replaceChildren(...tiles)
}

async function refresh() {
  clearTimeout(timer)
  const state = byId('state')
  try {
    const [health, listing, running, scanners, queue] = await Promise.all([
      fetch('/health').then((response) => response.json()),
      call('list_tasks', { limit: shownMax }),
      call('list_tasks', { limit: 1, status: 'running' }),
      optional(call('list_scanners', { enabled_only: false })),
      optional(call('get_queue_status')),
    ])
    byId('lock').hidden = true
    const total = showScans(listing)
    showScanners(scanners)
    const depth = queue?.queue_depth ?? queue?.total_queued
    const dead = queue?.dead_letters ?? queue?.dlq_size
    showOverview([['Scans', total], ['Running', running.total], ['Waiting', depth], ['Dead letters', dead, dead > 0], ['Scanners', scanners?.scanners?.length]])
    const missing = health.tools_without_worker?.length ?? 0
    const trouble = [...(health.problems ?? []), ...(missing ? ['No worker serves ' + missing + ' of the tools.'] : [])]
    state.className = trouble.length ? 'bad' : ''
    state.textContent = trouble.length ? trouble.join(' ') : 'Healthy, version ' + health.version + '.'
  } catch (error) {
    if (error.status === 401) byId('lock').hidden = false
    state.className = 'bad'
    state.textContent = error.message
  }
  timer = setTimeout(refresh, document.hidden ? REFRESH_MS * 6 : REFRESH_MS)
}

byId('mcp').textContent = location.origin + '/mcp'
byId('more').addEventListener('click', () => { shownMax = Math.min(200, shownMax + SCANS_PER_PAGE); refresh() })
byId('lock').addEventListener('submit', (event) => {
  event.preventDefault()
  token = byId('token').value.trim()
  sessionStorage.setItem('token', token)
  byId('token').value = ''
  refresh()
})
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh() })
refresh()
`
