/** An HTTP proxy that opens connections by CONNECT, and notes for whom and where. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface SmallProxy {
  readonly url: string
  readonly asked: { readonly to: string; readonly login: string | undefined }[]
}

/** `answer` is the status line that it refuses with; without one it opens the connection. */
export async function startProxy(answer?: string): Promise<SmallProxy> {
  const asked: { to: string; login: string | undefined }[] = []
  const sockets = new Set<Socket>()
  const server = createServer()
  server.on('connect', (request, client: Socket) => {
    asked.push({ to: request.url ?? '', login: request.headers['proxy-authorization'] })
    if (answer !== undefined) {
      client.end(`HTTP/1.1 ${answer}\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const [host = '', port = ''] = (request.url ?? '').split(/:(?=\d+$)/)
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(target).pipe(client)
    })
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
