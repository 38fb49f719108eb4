import { expect, test } from 'vitest'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { plainPresenter } from '../../src/screen/plain-presenter.ts'

/** What is printed of a text of bob's on a terminal of so many columns. */
async function printed(text: string, columns: number): Promise<string[]> {
  const lines: string[] = []
  const editor = {
    text: '',
    replace: () => undefined,
    print: (shown: string) => void lines.push(...shown.split('\n')),
    setPrompt: () => undefined,
    setStatus: () => undefined,
    close: () => undefined,
  }
  const event: ChatEvent = { event: 'message', peer: 'bob', direction: 'in', id: '1', text }
  await plainPresenter(editor, { times: () => false }, { columns: () => columns }).show(event)
  return lines
}

test('further lines of a text keep their indent, and say whose they are', async () => {
  expect(await printed('if a:\n    b\n\tc', 80)).toEqual(['bob says: if a:', 'bob says:     b', 'bob says:     c'])
})

test('what is wider than the terminal goes on with an indent', async () => {
  expect(await printed(`${'x'.repeat(11)} alice says: yes`, 23)).toEqual(['bob says: xxxxxxxxxxx', '  alice says: yes'])
})
