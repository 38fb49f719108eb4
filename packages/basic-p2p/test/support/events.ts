import { patience } from '../../../core/test/support/patience.ts'

/** What happened so far, for a test that waits for one thing after another. */
export interface Happenings<T> {
  readonly all: readonly T[]
  add(happening: T): void
  /** Waits for the first that fits, and forgets it and those before it. @throws {Error} with all, when time is up */
  next(fits: (happening: T) => boolean): Promise<T>
}

export function happenings<T>(): Happenings<T> {
  const all: T[] = []
  let seen = 0
  let onAdded = () => {}

  return {
    all,
    add(happening) {
      all.push(happening)
      onAdded()
    },
    next: fits =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`not seen: ${String(fits)} among ${JSON.stringify(all)}`))
        }, patience())
        onAdded = () => {
          const found = all.findIndex((happening, index) => index >= seen && fits(happening))
          const happening = all[found]
          if (happening === undefined) return
          onAdded = () => {}
          seen = found + 1
          // What comes now is for the next to wait.
          onAdded = () => {}
          clearTimeout(timer)
          resolve(happening)
        }
        onAdded()
      }),
  }
}
