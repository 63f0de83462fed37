/** What the tools answer, where no schema of theirs can be named. A test holds each against the tool's own schema. */
import type { InferOutput } from 'valibot'
import type { ListResult } from '../scan-work/show/list-scans.ts'
import type { RunResult as RunResultSchema } from '../scan-work/start/run-arguments.ts'
import type { ScannerRow } from '../scan-work/show/scanner-rows.ts'
import type { StatusView } from '../scan-work/show/status-view.ts'

export type RunResult = InferOutput<typeof RunResultSchema>
export type ScanStatus = StatusView
export type ScanList = InferOutput<typeof ListResult>
export type ScannerInfo = ScannerRow

export interface ScanSettings {
  readonly task_id: string
  readonly scan_type: string
  readonly scanner_type: string
  readonly scanner_pool: string
  readonly scanner_instance: string | null
  readonly origin: string
  /** The request as given; every secret is masked. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly created_at: string
  readonly execution_time_seconds: number | null
}

export interface NativeScan {
  readonly task_id: string
  readonly file_path: string
  readonly size_bytes: number
  readonly sha256: string
  readonly format: 'nessus'
  /** At the gateway, with the same authorization. */
  readonly download_url: string
}

/** What a tool that changes a scan answers. */
export interface ScanChanged {
  readonly task_id: string
  readonly status: string
  readonly next: string
}
export interface ScanStopped extends ScanChanged {
  readonly stopping: boolean
}
export interface ScanAdopted extends ScanChanged {
  readonly name: string
  readonly scanner_status: string
}
export interface ScanDeleted {
  readonly task_id: string
  /** False while a running scan is still being stopped. */
  readonly deleted: boolean
  readonly next: string
}
export interface ScanImported extends ScanChanged {
  readonly name: string
  readonly hosts_scanned: number
  readonly total_vulnerabilities: number
  readonly severity_breakdown: Readonly<Record<string, number>>
  readonly validation_warnings: readonly string[]
}

export interface ScannerList {
  readonly scanners: readonly ScannerInfo[]
  readonly total: number
}
export interface PoolList {
  readonly pools: readonly { readonly scanner_pool: string; readonly scanners: number; readonly capacity: number }[]
  readonly default_pool: string | null
}
export interface PoolStatus {
  readonly scanner_pool: string
  readonly total_scanners: number
  readonly total_capacity: number
  readonly total_active: number
  readonly available_capacity: number
  readonly utilization_pct: number
  readonly queue_depth: number
  readonly dead_letters: number
  readonly scanners: readonly ScannerInfo[]
}
export interface QueueStatus {
  readonly scanner_pool: string
  readonly queue_depth: number
  readonly oldest_wait_seconds: number | null
  readonly dead_letters: number
  readonly next_scans: readonly {
    readonly position: number
    readonly task_id: string
    readonly name: string
    readonly priority: number
    readonly pinned_instance: string | null
    readonly waiting_seconds: number
  }[]
}
export interface TemplateList {
  readonly scanner_instance: string
  readonly templates: readonly { readonly name: string; readonly title: string; readonly description: string }[]
}
export interface ScannerScanList {
  readonly scanner_instance: string
  readonly total: number
  readonly scans: readonly {
    readonly scanner_scan_id: number
    readonly name: string
    readonly status: string
    readonly last_modified_at: string | null
  }[]
  readonly next: string
}

/** Answers that carry more than is named here. */
export interface ScanSummary {
  readonly task_id: string
  readonly severity_breakdown: Readonly<Record<string, number>>
  readonly [fact: string]: unknown
}
export interface ScanComparison {
  readonly old_task_id: string
  readonly new_task_id: string
  readonly counts: Readonly<Record<string, number>>
  readonly [fact: string]: unknown
}
export interface OneFinding {
  readonly task_id: string
  readonly id: string
  readonly finding: Readonly<Record<string, unknown>>
  readonly [fact: string]: unknown
}
export interface FoundFindings {
  readonly total: number
  readonly scans_searched: number
  readonly findings: readonly Readonly<Record<string, unknown>>[]
  readonly [fact: string]: unknown
}
