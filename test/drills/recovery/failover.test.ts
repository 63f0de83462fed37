/** The server that takes writes changes under a running system; nobody is restarted, and every scan ends once. */
import { expect, test } from 'vitest'
import { until } from '../../bus/bus-events.ts'
import { freePort, startSentinel, startServer, type TcpRedis } from './support/tcp-redis.ts'
import { ONCE, openHere, startSystem } from './support/system.ts'

const MASTER = 'scans'

async function synchronized(replica: TcpRedis): Promise<void> {
  await until(
    async () => /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))),
    'the replica is in step',
  )
}

interface Failover {
  readonly url: string
  readonly fall: () => Promise<void>
  readonly promoted: TcpRedis
}

async function underSentinel(fall: (master: TcpRedis) => Promise<void>): Promise<Failover> {
  const master = await startServer()
  const replica = await startServer(['--replicaof', '127.0.0.1', String(master.port)])
  await synchronized(replica)
  const sentinel = await startSentinel(MASTER, master)
  const knowsReplica = async () => String(await sentinel.command('SENTINEL', 'replicas', MASTER)).includes('127.0.0.1')
  await until(knowsReplica, 'the sentinel knows the replica', 40_000)
  const dead = await freePort()
  const url = `redis+sentinel://127.0.0.1:${dead},${sentinel.address}/${MASTER}`
  return { url, fall: () => fall(master), promoted: replica }
}

async function inCluster(): Promise<Failover> {
  const node = async () =>
    startServer([
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '1000',
      '--cluster-port',
      String(await freePort()),
    ])
  const [holder, other] = [await node(), await node()]
  await holder.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  const [, busPort = ''] = /@(\d+)/.exec(String(await holder.command('CLUSTER', 'NODES'))) ?? []
  await other.command('CLUSTER', 'MEET', '127.0.0.1', String(holder.port), busPort)
  const id = String(await holder.command('CLUSTER', 'MYID'))
  await until(
    async () => (await other.command('CLUSTER', 'REPLICATE', id).catch(() => '')) === 'OK',
    'the nodes have met',
  )
  await synchronized(other)
  const healthy = async () => String(await other.command('CLUSTER', 'INFO')).includes('cluster_state:ok')
  await until(healthy, 'the cluster is up')
  const fall = async () => {
    await holder.kill()
    // A cluster of one shard has nobody to vote: its operator, or the service that runs it, promotes the replica.
    await other.command('CLUSTER', 'FAILOVER', 'TAKEOVER')
  }
  // The node without our slot comes first: it answers MOVED.
  return { url: `redis+cluster://${other.address},${holder.address}`, fall, promoted: other }
}

test.each([
  ['a master that dies, through Sentinel', () => underSentinel((master) => master.kill())],
  ['a master that freezes, through Sentinel', () => underSentinel((master) => Promise.resolve(master.freeze()))],
  ['a cluster of one shard', inCluster],
])(
  'scans go on after the failover of %s',
  async (_, start) => {
    const failover = await start()
    const system = await startSystem(openHere(), { redisUrl: failover.url, scanSeconds: 3, slots: 2 })
    const before = await Promise.all(['one', 'two', 'three', 'four'].map((name) => system.submit(name)))
    await system.reach(before[0]!, 'scanning')
    // Replication is asynchronous: what has not reached the replica by now would be another test.
    await failover.fall()
    const statuses = await Promise.all(before.map((taskId) => system.ended(taskId)))
    expect(statuses.map(({ status }) => status)).toEqual(before.map(() => 'completed'))
    const after = await system.submit('after')
    expect(await system.ended(after)).toMatchObject({ status: 'completed' })
    expect(await system.tally([...before, after])).toEqual([...before, after].map(() => ONCE))
    expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
    expect([system.gateway.program.running, system.worker.running]).toEqual([true, true])
    expect(String(await failover.promoted.command('ROLE'))).toMatch(/^master/)
  },
  120_000,
)
