import { bell } from './bell.ts'

/** One line that a program printed: what it holds as JSON, or `{line}` for one that is plain text. */
export type Event = Readonly<Record<string, unknown>>

/** The lines that a program printed, for code that waits for some of them. */
export interface ProgramOutput {
  readonly events: readonly Event[]
  /** Takes the next line. */
  add(line: string): void
  /** No more lines come. */
  end(): void
  /**
   * The first event from here on that has all the values of one of these cues; those before it are passed over.
   *
   * @throws {Error} when none has come before the end
   */
  next(cues: readonly Event[]): Promise<Event>
}

export function transcript(): ProgramOutput {
  const events: Event[] = []
  const { ring, until } = bell()
  let passed = 0
  let over = false

  function lookFor(cues: readonly Event[]): Event | undefined {
    const index = events.findIndex((event, i) => i >= passed && cues.some(cue => fits(event, cue)))
    if (index < 0 && over) throw new Error('it has ended')
    if (index >= 0) passed = index + 1
    return events[index]
  }

  return {
    events,
    add(line) {
      events.push(eventOf(line))
      ring()
    },
    end() {
      over = true
      ring()
    },
    next: cues => until(() => lookFor(cues)),
  }
}

/** Whether an event has all fields of the cue. */
function fits(event: Event, cue: Event): boolean {
  return Object.entries(cue).every(([key, value]) => event[key] === value)
}

/** A line that looks like JSON but is not valid is kept as plain text. */
function eventOf(text: string): Event {
  try {
    return text.startsWith('{') ? JSON.parse(text) : { line: text }
  } catch {
    return { line: text }
  }
}
