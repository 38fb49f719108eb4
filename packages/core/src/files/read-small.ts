/**
 * Reads what is expected to be small, and not much more of it than that: what a person names may have no end.
 *
 * @param stream of a file, or stdin; it is closed where there is more than the limit
 * @param limit in bytes
 * @returns all of it, or more bytes than the limit where there is more
 * @throws {Error} of the operating system
 */
export async function readSmall(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  return Buffer.concat(chunks)
}
