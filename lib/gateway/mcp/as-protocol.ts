import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'
import { Refusal } from '../../base/errors.ts'

/** Does what reads the resource `uri`; a refusal is told in the protocol's words. */
export async function asProtocol<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'not_found') throw new ResourceNotFoundError(uri, error.message)
    const bad = error.code === 'invalid_argument' || error.code === 'not_ready'
    const code = bad ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
    throw new ProtocolError(code, error.message, { code: error.code })
  }
}
