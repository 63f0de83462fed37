/** A worker that has not said for so long that it hosts a function is taken for gone. */
export const HOST_GONE_MS = 12_000
