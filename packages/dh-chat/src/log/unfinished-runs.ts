/**
 * What a person is told of runs that did not stop in order.
 *
 * @param count of those, at least one
 */
export function unfinishedRuns(count: number): string {
  const runs = count === 1 ? 'one run has' : `${count} runs have`
  return `${runs} no end in the log: the client still runs, or was killed, or somebody cut the log off there`
}
