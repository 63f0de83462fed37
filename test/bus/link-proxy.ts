/** A link to Redis that a test can break in ways a closed socket does not show. */
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'

export interface LinkProxy {
  readonly url: string
  /** From now on every byte of the links that are open is swallowed, and nobody is told. New links work. */
  blackHole(): void
  /** The next answer after a command containing `text` is swallowed, then that link is closed. */
  loseAnswerTo(text: string): Promise<void>
  readonly linksOpened: number
  close(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  silent: boolean
}

export async function startLinkProxy(redisSocket: string): Promise<LinkProxy> {
  const path = `${redisSocket}.proxy`
  const links = new Set<Link>()
  let opened = 0
  let lose: { text: string; armed: Link | undefined; done: () => void } | undefined

  const proxy = createServer((client) => {
    opened += 1
    const link: Link = { client, server: connect(redisSocket), silent: false }
    links.add(link)
    const end = () => {
      links.delete(link)
      client.destroy()
      link.server.destroy()
    }
    client.on('data', (data) => {
      if (link.silent) return
      if (lose && data.includes(lose.text)) lose.armed = link
      link.server.write(data)
    })
    link.server.on('data', (data) => {
      if (link.silent) return
      if (lose?.armed === link) {
        lose.done()
        lose = undefined
        end()
      } else client.write(data)
    })
    for (const side of [client, link.server]) side.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => proxy.listen(path, resolve))

  return {
    url: `unix:${path}`,
    blackHole() {
      for (const link of links) link.silent = true
    },
    loseAnswerTo(text) {
      return new Promise((resolve) => {
        lose = { text, armed: undefined, done: resolve }
      })
    },
    get linksOpened() {
      return opened
    },
    async close() {
      for (const { client, server } of links) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => proxy.close(resolve))
      rmSync(path, { force: true })
    },
  }
}
