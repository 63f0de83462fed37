/**
 * The kinds of value an environment variable can hold. Each is a Valibot schema
 * from the variable's text to a typed value, and its message is what the reader
 * was expected to write, so that every error reads `expected <message>`.
 */
import * as v from 'valibot'

/** A setting's schema: text in, a typed value out. */
export type SettingSchema<T = unknown> = v.GenericSchema<string, T>

interface Range {
  readonly min: number
  readonly max: number
}

/** A whole number in decimal digits, within `range`. */
export function integer(range: Range): SettingSchema<number> {
  const expected = `a whole number from ${range.min} to ${range.max}`
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, expected),
    v.transform(Number),
    v.minValue(range.min, expected),
    v.maxValue(range.max, expected),
  )
}

/** A length of time written in units of `unitMs`, fractions allowed; becomes milliseconds. */
export function durationSetting(range: Range & { readonly unitMs: number }): SettingSchema<number> {
  const expected = `a number from ${range.min} to ${range.max}`
  return v.pipe(
    v.string(),
    v.regex(/^(\d{1,9}|\d{0,9}\.\d{1,6})$/, expected),
    v.transform(Number),
    v.minValue(range.min, expected),
    v.maxValue(range.max, expected),
    v.transform((units) => Math.round(units * range.unitMs)),
  )
}

/** `true` or `false`, also written `1`/`0`, `yes`/`no`, `on`/`off`. */
export function flag(): SettingSchema<boolean> {
  return v.pipe(
    v.string(),
    v.toLowerCase(),
    v.picklist(['true', '1', 'yes', 'on', 'false', '0', 'no', 'off'], 'true or false'),
    v.transform((word) => ['true', '1', 'yes', 'on'].includes(word)),
  )
}

export function choice<const T extends readonly string[]>(...options: T): SettingSchema<T[number]> {
  return v.pipe(v.string(), v.toLowerCase(), v.picklist(options, `one of ${options.join(', ')}`))
}

/** Non-empty text up to 4,096 characters, or what `pattern` admits. */
export function text(pattern = /^[^\0]{1,4096}$/s, expected = 'text of 1 to 4096 characters'): SettingSchema<string> {
  return v.pipe(v.string(), v.regex(pattern, expected))
}

/** Comma-separated words that match `pattern`, without repetition, at most `max` of them; empty text is no words. */
export function wordsSetting(pattern: RegExp, expected: string, max = 100): SettingSchema<readonly string[]> {
  return v.pipe(
    v.string(),
    v.transform((list) => [...new Set(list.split(',').map((word) => word.trim()))].filter((word) => word !== '')),
    v.maxLength(max, `at most ${max} words`),
    v.everyItem((word) => pattern.test(word), expected),
  )
}

/** An absolute URL with one of `protocols`, such as `redis:`; `unix:` is followed by the path of a socket. */
export function url(...protocols: readonly string[]): SettingSchema<string> {
  const expected = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`
  return v.pipe(
    v.string(),
    v.check((value) => {
      // The WHATWG parser refuses unix://user:password@/path, which the Redis client understands.
      if (value.startsWith('unix://')) return protocols.includes('unix:') && value.includes('/', 7)
      return URL.canParse(value) && protocols.includes(new URL(value).protocol)
    }, expected),
  )
}

const NODES = String.raw`(?:[^@/?\s]*@)?(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:,(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?){0,31}`
const REDIS_GROUP = new RegExp(
  String.raw`^rediss?\+(?:sentinel:\/\/${NODES}\/[^/?\s]+(?:\/\d{1,4})?(?:\?\S*)?|cluster:\/\/${NODES}\/?)$`,
)

/** Where Redis is: one server, the sentinels that know it, or nodes of a cluster. What it means is read by the bus. */
export function redisUrl(): SettingSchema<string> {
  const expected =
    'a URL that begins with redis://, rediss:// or unix://, or redis+sentinel://host:port,…/master-name, or redis+cluster://host:port,…'
  return v.union([url('redis:', 'rediss:', 'unix:'), v.pipe(v.string(), v.regex(REDIS_GROUP))], expected)
}
