/** A comment that names a file, and the fenced block after it. */
const SCREEN = /^<!-- screen: (\S+) -->\n(?:\n?```\w*\n([^]*?)^```$)?/gm

/**
 * Holds pictures of screens in a document against the files that tests compare with the real screen.
 *
 * @param read gives a file by its path from the root of the project, null where there is none
 * @returns one line for each block that is not what its file is
 */
export function screenBlockFaults(document: string, read: (path: string) => string | null): string[] {
  const faults: string[] = []
  for (const [, path = '', block] of document.matchAll(SCREEN)) {
    const file = read(path)
    if (file === null) faults.push(`${path} does not exist`)
    else if (block === undefined) faults.push(`${path} is announced and not shown`)
    else if (block !== file) faults.push(`${path} has changed`)
  }
  return faults
}
