/**
 * The control over HTTP, for chaos tests that drive real processes. It stands
 * outside the imitation: no login, no faults, no counting. It belongs on loopback.
 */
import * as v from 'valibot'
import type { Control } from '../control.ts'
import type { FaultSpec } from '../faults.ts'
import { Refused } from '../state/refusal.ts'
import { Id, pathId, readBody } from './body.ts'
import type { App } from './env.ts'

const Anything = v.record(v.string(), v.unknown())
const Compiling = v.object({ compiling: v.boolean() })
const ReportFor = v.object({ scan: v.union([Id, v.string()]), report: v.string() })
const Named = v.object({ name: v.exactOptional(v.string()) })
const NewScan = v.object({
  name: v.exactOptional(v.string()),
  targets: v.exactOptional(v.string()),
  folder: v.exactOptional(v.string()),
})
const PastRuns = v.object({
  times: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  status: v.exactOptional(v.picklist(['completed', 'canceled', 'aborted'])),
})
const NewPolicy = v.object({
  name: v.exactOptional(v.string()),
  template: v.exactOptional(v.string()),
  owner: v.exactOptional(v.string()),
  permissions: v.exactOptional(v.number()),
})
const Times = v.object({ times: v.pipe(v.number(), v.integer(), v.minValue(0)) })

export function addControlRoutes(app: App, control: Control): void {
  const done = { ok: true } as const

  app.get('/simulator/counts', (call) => call.json(control.counts()))
  app.get('/simulator/reports', (call) => call.json({ reports: control.reports() }))
  app.get('/simulator/faults', (call) => call.json({ faults: control.faults.list() }))
  app.post('/simulator/faults', async (call) =>
    // Checked in full by the control itself.
    call.json({ id: control.faults.add((await readBody(call, Anything)) as FaultSpec) }),
  )
  app.delete('/simulator/faults', (call) => {
    control.faults.clear()
    return call.json(done)
  })
  app.delete('/simulator/faults/:id', (call) => call.json({ ok: control.faults.remove(pathId(call, 'id')) }))
  app.post('/simulator/restart', async (call) => {
    const options = await readBody(call, Anything)
    control.restart(options, call.env.incoming.socket)
    return call.json(done)
  })
  app.post('/simulator/licence', async (call) => {
    control.setLicence(await readBody(call, Anything))
    return call.json(done)
  })
  app.post('/simulator/plugins-compiling', async (call) => {
    control.pluginsCompiling((await readBody(call, Compiling)).compiling)
    return call.json(done)
  })
  app.post('/simulator/report', async (call) => {
    const { scan, report } = await readBody(call, ReportFor)
    control.reportFor(scan, report)
    return call.json(done)
  })
  app.post('/simulator/fail-exports', async (call) => {
    control.failExports((await readBody(call, Times)).times)
    return call.json(done)
  })
  const acts = {
    'expire-sessions': () => control.expireSessions(),
    unlock: () => control.unlock(),
    upgrade: () => control.upgrade(),
    reinstall: () => control.reinstall(),
  }
  for (const [name, act] of Object.entries(acts)) {
    app.post(`/simulator/${name}`, (call) => {
      act()
      return call.json(done)
    })
  }
  addPolicyRoutes(app, control)
  app.post('/simulator/scans', async (call) =>
    call.json({ id: control.people.makeScan(await readBody(call, NewScan)) }),
  )
  app.post('/simulator/scans/:id/copy', async (call) => {
    const { name } = await readBody(call, Named)
    const id = control.people.copyScan(pathId(call, 'id'), name)
    return call.json({ ...must(id !== undefined), id })
  })
  app.post('/simulator/scans/:id/past-runs', async (call) =>
    call.json({ history_ids: control.people.ranBefore(pathId(call, 'id'), await readBody(call, PastRuns)) }),
  )
  app.post('/simulator/scans/:id/launch', (call) => call.json(must(control.people.launchScan(pathId(call, 'id')))))
  app.post('/simulator/scans/:id/rename', async (call) => {
    const { name = '' } = await readBody(call, Named)
    return call.json(must(control.people.renameScan(pathId(call, 'id'), name)))
  })
  app.post('/simulator/scans/:id/stop', (call) => call.json(must(control.stopScan(pathId(call, 'id')))))
  app.post('/simulator/scans/:id/abort', (call) => call.json(must(control.abortScan(pathId(call, 'id')))))
  app.delete('/simulator/scans/:id', (call) => call.json(must(control.deleteScan(pathId(call, 'id')))))
}

function addPolicyRoutes(app: App, control: Control): void {
  app.post('/simulator/policies', async (call) =>
    call.json({ id: control.people.makePolicy(await readBody(call, NewPolicy)) }),
  )
  app.delete('/simulator/policies/:id', (call) => call.json(must(control.people.deletePolicy(pathId(call, 'id')))))
}

function must(done: boolean): { ok: true } {
  if (!done) throw new Refused(409, 'There is no such scan, or it is not active')
  return { ok: true }
}
