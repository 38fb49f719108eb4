/** What an event is to a person: something a peer said, the state of things, or trouble. */
export interface Description {
  readonly kind: 'text' | 'status' | 'trouble'
  readonly text: string
}

export function status(text: string): Description {
  return { kind: 'status', text }
}

export function trouble(text: string): Description {
  return { kind: 'trouble', text }
}
