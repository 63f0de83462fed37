/**
 * One caller at its worst, in a process of its own: `node worst.mjs KIND URL TOKEN SCAN RUNNING_SCAN`, until it is ended.
 * What comes back is of no interest to it; a refusal makes it try again at once, as no good client would.
 */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const [kind, url, token, scan, running] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 4096 })
const authorization = `Bearer ${token}`
const FIELD = 65_536

/** Resolves when the answer has been read to its end, or could not be. */
function ask(method, path, body) {
  return new Promise((resolve) => {
    const headers = { authorization, 'content-type': 'application/json' }
    const asked = request(`${url}${path}`, { method, agent, headers }, (answer) => {
      answer.resume()
      answer.on('close', resolve)
      answer.on('error', resolve)
    })
    asked.on('error', resolve)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
const call = (tool, args) => ask('POST', `/tools/${tool}`, args)

/** A form that begins and is never ended. */
function abortedUpload() {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      const head = `POST /scans/import HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: ${authorization}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 900000\r\n\r\n`
      socket.write(`${head}--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n${'x'.repeat(60_000)}`)
      setTimeout(() => socket.destroy(), 50)
    })
    socket.on('error', () => {})
    socket.on('close', resolve)
  })
}

const field = (text) => text.repeat(FIELD / text.length)
const fields = [
  () => call('run_untrusted_scan', { name: 'x', targets: field('a') }),
  () => call('list_tasks', { target_filter: field('1.') }),
  () => call('get_scan_results', { task_id: scan, filters: { severity: `>a${field(' ')}b` } }),
  () => call('get_scan_results', { task_id: scan, sort: `${field(' ')}a b` }),
]
const KINDS = {
  'fields of 64 KiB': [8, (n) => fields[n % fields.length]()],
  '50 readers of all findings': [50, () => ask('GET', `/scans/${scan}/results?schema_profile=full`)],
  '2,000 waits': [2000, () => call('get_scan_status', { task_id: running, wait_seconds: 45 })],
  '200 uploads broken off': [200, abortedUpload],
  '10,000 calls at once': [10_000, () => call('get_scan_status', { task_id: scan })],
  '50 answers of 8 MiB': [50, () => call('get_scan_results', { task_id: scan, page: 0, schema_profile: 'minimal' })],
}

const [many, work] = KINDS[kind]
for (let n = 0; n < many; n++) {
  void (async () => {
    for (;;) {
      await work(n)
      await sleep(1)
    }
  })()
}
