/** Calls back again and again, without keeping the process alive by that. @returns what stops it */
export function every(milliseconds: number, tick: () => void): () => void {
  const timer = setInterval(tick, milliseconds).unref()
  return () => clearInterval(timer)
}
