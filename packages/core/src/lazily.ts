/**
 * Makes a value on first use and keeps it, for what costs milliseconds to make and not every start of a program needs: a large
 * regular expression, a formatter.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}
