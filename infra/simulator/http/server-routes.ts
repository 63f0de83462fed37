/** Routes that need little or no login: the server's state, sessions, the web interface's script, settings. */
import * as v from 'valibot'
import { Refused } from '../state/refusal.ts'
import type { World } from '../state/world.ts'
import { readBody } from './body.ts'
import type { App, CallContext } from './env.ts'
import type { Gates } from './gates.ts'
import { fullProperties, publicProperties, statusAnswer, versionOf } from './server-shapes.ts'
import { seconds } from './shapes.ts'

const Login = v.object({ username: v.string(), password: v.string() })

export function addServerRoutes(app: App, world: World, gates: Gates): void {
  const { sessions, settings, timeline, machine } = world

  app.get('/server/status', (call) => {
    const { httpStatus, body } = statusAnswer(world)
    return call.json(body, httpStatus === 200 ? 200 : 503)
  })
  app.get('/server/properties', (call) => {
    const who = sessions.identify({ cookie: call.req.header('x-cookie'), keys: call.req.header('x-apikeys') })
    return call.json(who === 'session' || who === 'keys' ? fullProperties(world) : publicProperties(world))
  })
  app.get('/nessus6.js', (call) =>
    call.body(webScript(machine.apiToken), 200, { 'content-type': 'application/javascript' }),
  )
  app.get('/scanners', gates.administrator, (call) =>
    call.json({ scanners: world.machine.scanners.map((one) => scannerShape(world, one)) }),
  )
  app.get('/settings/advanced', gates.administrator, (call) =>
    call.json({
      preferences: [
        { id: 1, name: 'global.max_scans', value: String(settings.maxScans) },
        { id: 2, name: 'global.max_hosts', value: '0' },
        { id: 3, name: 'max_hosts', value: '30' },
        { id: 4, name: 'max_checks', value: '4' },
      ],
    }),
  )
  app.post('/session', (call) => login(call, world))
  app.get('/session', gates.user, (call) =>
    call.json({
      id: 2,
      username: settings.username,
      name: settings.username,
      email: null,
      type: 'local',
      permissions: settings.permissions,
      [settings.profile < 8 ? 'lastlogin' : 'last_login']: seconds(timeline.now()),
      lockout: 0,
      container_id: 0,
      groups: null,
    }),
  )
  app.delete('/session', gates.user, (call) => {
    sessions.logout(call.req.header('x-cookie'))
    return call.body(null, 200)
  })
  app.put('/session/keys', gates.user, (call) => call.json(sessions.renewKeys()))
  app.put('/users/:id/keys', gates.administrator, (call) => call.json(sessions.renewKeys()))
}

async function login(call: CallContext, world: World): Promise<Response> {
  const { username, password } = await readBody(call, Login, { form: true })
  const token = world.sessions.login(username, password)
  world.tally.login(token !== undefined)
  if (token === undefined) {
    world.settings.log.warn('login refused', { locked: world.sessions.isLocked() })
    throw new Refused(401, 'Invalid Credentials')
  }
  if (world.settings.profile < 10) return call.json({ token })
  const sums = { md5sum_wizard_templates: '0'.repeat(32), md5sum_tenable_links: '0'.repeat(32) }
  return call.json({ ...sums, token })
}

/** A stand-in for the minified web interface: the token is in the middle of what looks like code. */
function webScript(apiToken: string): string {
  const fragment = `{key:"getApiToken",value:function(){return"${apiToken}"}}`
  const before = 'var n={build:"11111111-2222-3333-4444-555555555555"};function e(t,r){return t&&r}'
  return `"use strict";${before}o(a,[{key:"isReady",value:function(){return!0}},${fragment},{key:"getVersion",value:function(){return"0"}}]);`
}

function scannerShape(world: World, { id, name, isOn }: World['machine']['scanners'][number]): object {
  const { version, plugins } = versionOf(world)
  return {
    id,
    uuid: id === 1 ? world.machine.serverUuid : `${world.machine.serverUuid.slice(0, -1)}${id % 10}`,
    name,
    type: id === 1 ? 'local' : 'managed',
    status: isOn ? 'on' : 'off',
    scan_count: world.lifecycle.running(),
    engine_version: version,
    platform: 'LINUX',
    loaded_plugin_set: plugins,
    registration_code: null,
    owner: 'system',
    linked: 1,
    license: null,
  }
}
