/**
 * Lets a promise reject without anybody waiting for it. For failures that are told elsewhere too: a Channel that fails
 * tells it in receive(), so whoever sends without waiting need not hear it twice.
 */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
