/** Launching, pausing, resuming and stopping. */
import * as v from 'valibot'
import type { World } from '../state/world.ts'
import { pathId, readBody } from './body.ts'
import type { App } from './env.ts'
import type { Gates } from './gates.ts'

const ALT_TARGETS_MAX = 10_000
const Launch = v.object({ alt_targets: v.optional(v.pipe(v.array(v.string()), v.maxLength(ALT_TARGETS_MAX))) })

export function addLifecycleRoutes(app: App, world: World, gates: Gates): void {
  const { runs, settings } = world
  app.post('/scans/:id/launch', gates.write, async (call) => {
    const { alt_targets: instead } = await readBody(call, Launch)
    const id = pathId(call, 'id')
    const run = runs.launch(id, instead && instead.length > 0 ? instead.join(',') : undefined)
    settings.log.info('scan launched', { id, run: run.uuid })
    return call.json({ scan_uuid: run.uuid })
  })
  for (const action of ['pause', 'resume', 'stop', 'kill'] as const) {
    app.post(`/scans/:id/${action}`, gates.write, (call) => {
      runs[action](pathId(call, 'id'))
      return call.json({})
    })
  }
}
