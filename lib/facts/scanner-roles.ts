/** The roles of accounts at a scanner, by the number that it gives to each. One of the lowest may look, and launch nothing. */

export const SCANNER_ROLES = ['system administrator', 'administrator', 'standard', 'basic'] as const
export type ScannerRole = (typeof SCANNER_ROLES)[number]

const LEAST: Readonly<Record<ScannerRole, number>> = {
  'system administrator': 128,
  administrator: 64,
  standard: 32,
  basic: 0,
}

export function roleOf(permissions: number): ScannerRole | undefined {
  return SCANNER_ROLES.find((role) => permissions >= LEAST[role])
}

export function mayLaunch(role: ScannerRole | undefined): boolean {
  return role !== 'basic'
}
