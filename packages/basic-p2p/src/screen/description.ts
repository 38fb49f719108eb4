/** What an event is to a person: something a peer said, the state of things, or trouble. */
export interface Description {
  readonly kind: 'text' | 'status' | 'trouble'
  readonly text: string
}
