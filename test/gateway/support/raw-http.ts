/** Speaks to a server in bytes, as no well-behaved client would. */
import { connect, type Socket } from 'node:net'

/** Longer than any answer of these tests takes; a server that says nothing at all is found out by it. */
const PATIENCE_MS = 15_000

export interface Exchange {
  readonly port: number
  /** What is sent, piece by piece. */
  readonly pieces: readonly (string | Uint8Array)[]
  /** What the client does after the last piece: wait, say that nothing more comes, or vanish. */
  readonly finish?: 'wait' | 'half-close' | 'vanish'
}

/** The status of the first answer; `closed` when the server ended the connection without one, or the client vanished. */
export function rawStatus({ port, pieces, finish = 'wait' }: Exchange): Promise<number | 'closed' | 'silent'> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let heard = ''
    const end = (outcome: number | 'closed' | 'silent') => {
      clearTimeout(patience)
      socket.destroy()
      resolve(outcome)
    }
    const patience = setTimeout(() => end('silent'), PATIENCE_MS)
    socket.on('error', () => end('closed'))
    socket.on('close', () => end('closed'))
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      const status = /^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1]
      if (status !== undefined && status !== '100') end(Number(status))
    })
    socket.on('connect', () => {
      for (const piece of pieces.slice(0, -1)) socket.write(piece)
      const last = pieces.at(-1) ?? ''
      if (finish === 'vanish') socket.write(last, () => setImmediate(() => (socket.resetAndDestroy(), end('closed'))))
      else if (finish === 'half-close') socket.end(last)
      else socket.write(last)
    })
  })
}

/** A request with a body of a stated length. */
export function requestOf(line: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array = '') {
  const all = { host: 'localhost', ...headers, ...(body.length > 0 && { 'content-length': Buffer.byteLength(body) }) }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return [`${line} HTTP/1.1\r\n${head.join('')}\r\n`, body]
}
