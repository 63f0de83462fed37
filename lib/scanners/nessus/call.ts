/** A call to the scanner as the rest of the client makes it. */
import type { IncomingMessage } from 'node:http'
import type * as v from 'valibot'
import type { Asked } from './answer-table.ts'
import type { ScannerAnswer, ScannerRequest } from './exchange.ts'

export interface Call extends Omit<ScannerRequest, 'body'> {
  /** What kind of thing is asked: decides what an answer means. */
  readonly asked: Asked
  /** What is asked, to follow "cannot": `create a scan`. */
  readonly what: string
  readonly json?: object
  readonly body?: ScannerRequest['body']
  /** Refused with 412 where the licence has no scan API. */
  readonly scanWrite?: boolean
  /** Values in the body that no message may repeat. */
  readonly secrets?: readonly string[]
}

/** An answer that is not an error: done, or a claim about one scan for the caller to look into. */
export interface Answered extends ScannerAnswer {
  readonly meaning: 'done' | 'gone' | 'late'
}

/** Whether a refusal before a launch will last. */
export interface LastingReasons {
  /** The licence rules launching by API out, and the web interface's session is not to be used. */
  licence(): Promise<boolean>
  /** The scanner says that the scan has more hosts than its licence, or its settings, let it scan. */
  hosts(answer: ScannerAnswer): boolean
  /** The role of our user does not suffice for what `answer` refused. */
  role(answer: ScannerAnswer): Promise<boolean>
}

export interface Calls {
  readonly reasons: LastingReasons
  /** Throws for an answer that is about us, the way, or the request. */
  send(call: Call): Promise<Answered>
  /** Answers the data of what was done; throws for any other answer. */
  read<S extends v.GenericSchema>(schema: S, call: Call): Promise<v.InferOutput<S>>
  /** Answers the body of a 200 as it comes; throws for any other status, `gone` and `late` as temporary. */
  open(call: Call): Promise<IncomingMessage>
}
