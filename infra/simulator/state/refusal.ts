/** Thrown to answer a request with an error of the real scanner's form: `{"error": "…"}` and a status. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
