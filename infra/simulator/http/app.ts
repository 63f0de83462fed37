/** The simulator's HTTP surface, put together: gates first, then the routes, then the answers to errors. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { Control } from '../control.ts'
import type { Faults } from '../faults.ts'
import { Refused } from '../state/refusal.ts'
import type { World } from '../state/world.ts'
import { addControlRoutes } from './control-routes.ts'
import { addEditorRoutes } from './editor-routes.ts'
import type { App, Env } from './env.ts'
import { addExportRoutes } from './export-routes.ts'
import { makeFaultGate } from './fault-gate.ts'
import { makeGates } from './gates.ts'
import { addLifecycleRoutes } from './lifecycle-routes.ts'
import { addResultRoutes } from './result-routes.ts'
import { addScanRoutes } from './scan-routes.ts'
import { addServerRoutes } from './server-routes.ts'

const BODY_BYTES_MAX = 64 * 1024 * 1024
const CONTROL = '/simulator/'

export function createApp({ world, control, faults }: { world: World; control: Control; faults: Faults }): App {
  const app = new Hono<Env>()
  const gates = makeGates(world)
  const faultGate = makeFaultGate({ faults, tally: world.tally })

  app.use(async (call, next) => {
    if (call.req.path.startsWith(CONTROL)) return next()
    world.tally.request(call.req.method, call.req.path)
    call.header('server', 'NessusWWW')
    return faultGate(call, () => gates.loading(call, next) as Promise<void>)
  })
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (call) => call.json({ error: 'Request too large' }, 413) }))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (call, methods) =>
        call.json({ error: 'The requested method is not allowed for this URL' }, 405, { allow: methods.join(', ') }),
    }),
  )
  addServerRoutes(app, world, gates)
  addEditorRoutes(app, world, gates)
  addScanRoutes(app, world, gates)
  addLifecycleRoutes(app, world, gates)
  addExportRoutes(app, world, gates)
  addResultRoutes(app, world, gates)
  addControlRoutes(app, control)

  app.notFound((call) => call.json({ error: 'The requested file was not found' }, 404))
  app.onError((error, call) => {
    if (error instanceof Refused) {
      call.status(error.status as Parameters<typeof call.status>[0])
      return call.json({ error: error.message })
    }
    if (error instanceof PermanentError) return call.json({ error: error.message }, 400)
    world.settings.log.error('request failed inside the simulator', { path: call.req.path, error: String(error) })
    return call.json({ error: 'Internal error of the simulator' }, 500)
  })
  return app
}
