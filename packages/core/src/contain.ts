import { asChatError, ChatError } from './errors.ts'

/** Shows a defect to whoever runs the program. */
export type ReportDefect = (error: ChatError) => void

let report: ReportDefect = error => process.emitWarning(error)

/** A program says once, when it starts, how it shows defects. */
export function reportDefectsTo(present: ReportDefect): void {
  report = present
}

/**
 * For each place whose failure must stay its own: a connection, an upgrade, a conversation, a file, a request. Whatever is
 * thrown there ends that place as a ChatError does, and nothing half done is gone on with. What is no ChatError is a
 * defect of ours: it is reported, once, and gets the code `internal`.
 *
 * @param thrown what a `catch` has caught
 */
export function contain(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown
  const error = asChatError(thrown)
  report(error)
  return error
}

/** The same for work that nobody waits for. What fails as a ChatError is told elsewhere, or needs not be. */
export function contained(work: Promise<unknown>): void {
  work.catch(contain)
}
