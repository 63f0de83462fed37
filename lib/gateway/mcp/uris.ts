/** The addresses of what can be read over MCP. */
export const SCANS_URI = 'nessus://scans'
export const FILTERS_URI = 'nessus://filters'
export const SCAN_TEMPLATE = 'nessus://scans/{task_id}'
export const RESULTS_TEMPLATE = 'nessus://scans/{task_id}/results/{profile}'
export const NATIVE_TEMPLATE = 'nessus://scans/{task_id}/native'

export const scanUri = (taskId: string): string => `${SCANS_URI}/${taskId}`
