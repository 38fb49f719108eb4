import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { checkName } from './name.ts'
import type { Card } from './registry.ts'
import { CARD, LOOKUP, PAGE_LIMIT, USERS, WHO } from '../messages/directory.ts'

/** Names in byte order; `next` is the last of them if more follow. */
export interface Page {
  readonly users: readonly { readonly name: string }[]
  readonly next: string | null
}

/** The requests of one connection to a directory that wait for an answer. */
export interface DirectoryRequests {
  /** Asks for one page of the names that start with `prefix` and come after `after`. */
  who(prefix: string, after: string): Promise<Page>
  lookup(name: string): Promise<Card>
  /**
   * Handles a USERS or CARD.
   *
   * @throws {ChatError} `unexpected-message` for an unsolicited answer; `bad-message`, `bad-name` for one that does not fit
   * its request, which then waits for end()
   */
  answered(message: Message): void
  /** Handles an ERROR with an id. @throws {ChatError} `unexpected-message` */
  failed(id: number, error: ChatError): void
  /** Fails all that wait. */
  end(error: ChatError): void
}

interface Waiting<Answer> {
  check(answer: Answer): void
  resolve(answer: Answer): void
  readonly reject: (error: ChatError) => void
}

/** @param send sends a request; if that fails, end() follows */
export function directoryRequests(send: (message: Message) => void): DirectoryRequests {
  const pages = new Map<number, Waiting<Page>>()
  const cards = new Map<number, Waiting<Card>>()
  let nextId = 1

  function ask<Answer>(
    waiting: Map<number, Waiting<Answer>>,
    request: (id: number) => Message,
    check: (answer: Answer) => void,
  ): Promise<Answer> {
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(id, { check, resolve, reject })
      send(request(id))
    })
  }

  function settle<Answer>(waiting: Map<number, Waiting<Answer>>, id: number, answer: Answer): void {
    const asked = waiting.get(id)
    if (asked === undefined) throw unsolicited()
    asked.check(answer)
    waiting.delete(id)
    asked.resolve(answer)
  }

  return {
    who(prefix, after) {
      const asked = { prefix, after, limit: PAGE_LIMIT }
      return ask(
        pages,
        id => WHO.message({ id, ...asked }),
        page => checkPage(asked, page),
      )
    },
    lookup(name) {
      return ask(
        cards,
        id => LOOKUP.message({ id, name }),
        card => checkAnsweredName(name, card.name),
      )
    },
    answered({ type, body }) {
      if (type === USERS.type) {
        const { id, ...page } = USERS.read(body)
        settle(pages, id, page)
      } else {
        const { id, ...card } = CARD.read(body)
        settle(cards, id, card)
      }
    },
    failed(id, error) {
      const asked = pages.get(id) ?? cards.get(id)
      if (asked === undefined) throw unsolicited(error)
      pages.delete(id)
      cards.delete(id)
      asked.reject(error)
    },
    end(error) {
      for (const { reject } of [...pages.values(), ...cards.values()]) reject(error)
      pages.clear()
      cards.clear()
    },
  }
}

/**
 * Checks a page against its request (docs/protocol.md, Directory): otherwise a directory could make a client page for
 * ever.
 */
function checkPage({ prefix, after }: { prefix: string; after: string }, { users, next }: Page): void {
  let last = after
  for (const { name } of users) {
    if (!checkName(name).startsWith(prefix)) throw refused(`${name} in a list of names that start with "${prefix}"`)
    // Names are ASCII, so that comparing UTF-16 units compares bytes.
    if (name <= last) throw refused(`${name} after "${last}" in a list of names`)
    last = name
  }
  if (next !== null && next !== users.at(-1)?.name)
    throw refused('a list that continues after a name that is not its last')
}

/** Checks that an answer is about the requested name. @throws {ChatError} `bad-message` */
export function checkAnsweredName(asked: string, answered: string): void {
  if (answered !== asked) throw refused(`an answer about ${JSON.stringify(answered.slice(0, 32))} instead of ${asked}`)
}

function unsolicited(cause?: ChatError): ChatError {
  return new ChatError('unexpected-message', 'an unsolicited answer came', { cause })
}

function refused(what: string): ChatError {
  return new ChatError('bad-message', `the directory sent ${what}`)
}
