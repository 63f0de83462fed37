/** What a configuration says that works, and that its operator should know: told by `config check` and at the start. */
import type { ScannerConfiguration } from './configuration.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** One sentence each, with what to do. */
export function configurationWarnings({ entries, credentials }: ScannerConfiguration): string[] {
  return [
    ...entries.flatMap(({ key, url, tls }) => {
      const { protocol, hostname } = new URL(url)
      const near = LOOPBACK.test(hostname)
      return [
        ...(protocol === 'http:' && !near
          ? [`${key}: ${url} is not encrypted: its login and every credential go there in clear; use https://`]
          : []),
        ...(tls.insecure
          ? [
              `${key}: tls.insecure is true: anyone on the way can read and change everything; pin its fingerprint, or name its ca`,
            ]
          : []),
      ]
    }),
    ...credentials.flatMap(({ name, allowedTargets }) => {
      if (allowedTargets === undefined) {
        return [
          `credentials.${name}: states no allowed_targets, so every scan that names it is refused; say where it may be used`,
        ]
      }
      if (allowedTargets.length > 0) return []
      return [`credentials.${name}: its allowed_targets are empty, so every scan that names it is refused`]
    }),
  ]
}
