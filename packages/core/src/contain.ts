import { asChatError, ChatError } from './errors.ts'

/** Shows a defect to the person who runs the program. */
export type ReportDefect = (error: ChatError) => void

let report: ReportDefect = warn
/** Whether one is being reported at this moment. */
let reporting = false

function warn(error: ChatError): void {
  process.emitWarning(error)
}

/** A program says once, when it starts, how it shows defects. */
export function reportDefectsTo(show: ReportDefect): void {
  report = show
}

/**
 * For each place whose failure must stay its own: a connection, an upgrade, a conversation, a file, a request. Whatever is
 * thrown there ends that place as a ChatError does, and nothing half done continues. Anything that is not a ChatError
 * is a defect of ours: it is reported once, and gets the code `internal`.
 *
 * @param thrown what a `catch` has caught
 */
export function contain(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown
  const error = asChatError(thrown)
  // A defect of what reports them must neither hide this one nor lead to the next.
  if (reporting) {
    warn(error)
    return error
  }
  reporting = true
  try {
    report(error)
  } catch {
    warn(error)
  } finally {
    reporting = false
  }
  return error
}

/** The same for work that nobody awaits. Its ChatErrors are reported elsewhere, or need no report. */
export function contained(work: Promise<unknown>): void {
  work.catch(contain)
}

/**
 * Lets a promise reject with nobody waiting for it. For failures that are reported elsewhere too: a Channel reports its
 * failure in receive(), so a sender that does not wait need not hear it twice.
 */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
