/** What is repeated, and what is not. */
import { expect, test } from 'vitest'
import { ConnectionError, ToolError } from '../../lib/client/errors.ts'
import { withRetries } from '../../lib/client/retry.ts'

const RETRY = { attemptsMax: 3, firstPauseMs: 1 }

/** An attempt that fails so often, and how often it was made. */
function failing(times: number, error: Error) {
  const made = { attempts: 0 }
  const attempt = (): Promise<string> => {
    made.attempts += 1
    return made.attempts <= times ? Promise.reject(error) : Promise.resolve('answer')
  }
  return { attempt, made }
}

const broken = new ConnectionError('http://127.0.0.1:1', 'it broke')
const stopping = new ToolError('list_tasks', { code: 'unavailable', message: 'This gateway is stopping.' })

test.each([
  ['a connection that broke', broken],
  ['a gateway that is stopping', stopping],
])('after %s it is tried again', async (_, error) => {
  const { attempt, made } = failing(2, error)
  expect(await withRetries(attempt, RETRY)).toBe('answer')
  expect(made.attempts).toBe(3)
})

test('the last error is thrown, and a refusal at once', async () => {
  await expect(withRetries(failing(9, stopping).attempt, RETRY)).rejects.toBe(stopping)
  const { attempt, made } = failing(9, new ToolError('delete_scan', { code: 'conflict', message: 'It is running.' }))
  await expect(withRetries(attempt, RETRY)).rejects.toThrow('It is running.')
  expect(made.attempts).toBe(1)
})
