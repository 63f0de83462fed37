/** A small disk of its own, in memory, for what happens on a full or read-only one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from '../bus/bus-events.ts'

export const DISK_BYTES = 16_777_216

export interface SmallDisk {
  readonly folder: string
  /** As the system makes a failing disk. Waits for files that are being written. */
  makeReadOnly(): Promise<void>
  makeWritable(): Promise<void>
}

/** `undefined` where mounting is not allowed. It is gone when the test ends. */
export function mountSmallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-disk-'))
  const mounted = mount('-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'nessus-mcp-test', folder)
  onTestFinished(() => {
    if (mounted) spawnSync('umount', [folder])
    rmSync(folder, { recursive: true, force: true })
  })
  if (!mounted) return undefined
  const remount = (as: 'ro' | 'rw') => until(() => mount('-o', `remount,${as}`, folder), `the disk is mounted ${as}`)
  return { folder, makeReadOnly: () => remount('ro'), makeWritable: () => remount('rw') }
}

function mount(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0
}
