/**
 * What a person is told of runs that did not stop in order.
 *
 * @param count of those, at least one
 */
export function unfinishedRuns(count: number): string {
  const times = count === 1 ? 'once' : `${count} times`
  return `the log did not stop in order ${times}: a client still runs or was killed, or somebody cut off an end`
}
