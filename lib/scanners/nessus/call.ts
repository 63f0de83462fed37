/** A call to the scanner as the rest of the client makes it. */
import type { IncomingMessage } from 'node:http'
import type * as v from 'valibot'
import type { ScannerAnswer, ScannerRequest } from './exchange.ts'

export interface Call extends Omit<ScannerRequest, 'body'> {
  /** What is asked, to follow "cannot": `create a scan`. */
  readonly what: string
  readonly json?: object
  readonly body?: ScannerRequest['body']
  readonly scanWrite?: boolean
  /** Statuses beside 200 that the caller understands. */
  readonly accept?: readonly number[]
  /** Statuses that would say "never", but mean "not like this" here: their error is temporary. */
  readonly temporary?: readonly number[]
  /** Values in the body that no message may repeat. */
  readonly secrets?: readonly string[]
}

export interface Calls {
  /** Answers 200 or an accepted status; throws for any other. */
  send(call: Call): Promise<ScannerAnswer>
  /** Answers the data of a 200; throws for any other status. */
  read<S extends v.GenericSchema>(schema: S, call: Call): Promise<v.InferOutput<S>>
  /** Answers the body of a 200 as it comes; throws for any other status. */
  open(call: Call): Promise<IncomingMessage>
}
