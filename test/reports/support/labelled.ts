/** Runs `check` and puts `label` in front of what it throws, so that a generated case can be run again. */
export function labelled(label: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof Error) error.message = `${label}: ${error.message}`
    throw error
  }
}
