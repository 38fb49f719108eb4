/** The beginning of a sentence about those who use the directory inside a client. @param count at least 1 */
export function otherClients(count: number): string {
  return count === 1 ? 'one other client uses' : `${count} other clients use`
}
