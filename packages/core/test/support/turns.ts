/** Keeps the processor busy for a millisecond. */
export function work(): void {
  const end = performance.now() + 1
  while (performance.now() < end);
}

/** How many turns of the event loop others got before a promise settled. */
export async function turnsDuring(settled: Promise<unknown>): Promise<number> {
  let turns = 0
  let over = false
  const count = () => {
    turns += 1
    if (!over) setImmediate(count)
  }
  setImmediate(count)
  await settled
  over = true
  return turns
}
