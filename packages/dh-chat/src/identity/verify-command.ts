import type { ChatEngine } from '@p2p-secure-chat/basic-p2p/chat/chat-engine'
import { type ChatCommand, type CommandContext, nameArgument } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { noneSelected, notOpen } from '@p2p-secure-chat/basic-p2p/chat/no-conversation'
import type { Presenter } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { safetyNumberRows } from '@p2p-secure-chat/basic-p2p/screen/describe-event'

/** The command with which a person confirms having compared the safety number. */
export const verifyCommand: ChatCommand = {
  name: 'verify',
  usage: '[NAME]',
  group: 'trust',
  argument: 'name',
  help: 'compare the safety number, to be sure of a peer',
  description:
    'Shows the safety number of an open conversation, to be read aloud on the phone or face to face. If all twelve groups are the same, your yes marks the peer as verified. Without a name it is the person you are talking to.',
  example: '/verify bob',
  run: (rest, context) =>
    compareWith(rest.trim() === '' ? current(context) : nameArgument(rest, verifyCommand), context),
}

/** The peer in the prompt, or the only one with an open conversation. @throws {ChatError} `no-conversation` */
function current({ engine, selected }: CommandContext): string {
  const [only, ...others] = engine.open
  const peer = selected ?? (others.length === 0 ? only : undefined)
  if (peer === undefined) throw noneSelected(engine, '/verify NAME')
  return peer
}

/** The parts of a client that the comparison needs. */
interface Comparison extends Pick<CommandContext, 'interactive' | 'confirm'> {
  readonly engine: Pick<ChatEngine, 'security' | 'open' | 'calling'>
  readonly presenter: Pick<Presenter, 'note' | 'verbatim'>
}

/**
 * Shows the safety number of an open conversation, asks the person, and marks the key that was on the screen as verified.
 *
 * @throws {ChatError} `no-conversation`, and what markVerified throws
 */
export async function compareWith(peer: string, client: Comparison): Promise<void> {
  const { engine, presenter, interactive, confirm } = client
  const security = engine.security(peer)
  if (security === null) throw notOpen(peer, engine)
  presenter.verbatim(safetyNumberSheet(peer, security.safetyNumber ?? ''))
  if (security.identity === 'verified')
    return presenter.note(`${peer} is already verified: you compared this number before`)
  if (!interactive) return presenter.note(`${peer} is not verified: only a person at a terminal can confirm it`)

  const yes = await confirm(`Did you compare all twelve groups with ${peer}, and are they the same?`)
  if (!yes) return presenter.note(`nothing has changed: the key of ${peer} is not verified`)
  // The yes is about the number on the screen. A new conversation under that name may have another one.
  if (engine.security(peer) !== security) {
    return presenter.note(`nothing has changed: the conversation with ${peer} has ended; call again, then /verify`)
  }
  const before = security.identity
  await security.verify()
  presenter.note(`the key of ${peer} was ${before} and is verified now; any other key in that name is refused`)
}

/** Three rows of four groups, set apart: easy to follow on a screen or by ear. */
function safetyNumberSheet(peer: string, safetyNumber: string): string {
  const rows = safetyNumberRows(safetyNumber).map(row => `${row}\n`)
  return `
  The safety number of you and ${peer}:

${rows.join('\n')}
  Call ${peer} on the phone, or meet. Ask ${peer} to type /verify as well.
  Read the twelve groups aloud, digit by digit; the other one follows on screen.
  If every group is the same, nobody is in the middle: type yes.
  If one differs, or you are not sure: type no, and say nothing private here.
`
}
