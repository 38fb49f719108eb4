/**
 * How far it is and what is played meanwhile, on one line: as many as fit, and how many there are besides.
 *
 * @param playing the names of the plays under way
 * @param room how many characters fit
 */
export function playsLine(done: number, total: number, playing: readonly string[], room: number): string {
  const over = `  ${done} of ${total} plays are over`
  for (let named = playing.length; named > 0; named--) {
    const more = playing.length - named
    const line = `${over}; now ${playing.slice(0, named).join(', ')}${more === 0 ? '' : ` and ${more} more`}`
    if (line.length <= room) return line
  }
  return over
}
