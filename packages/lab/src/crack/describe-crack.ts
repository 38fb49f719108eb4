import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { CrackEvent } from './crack-event.ts'
import { describeInfeasible } from './describe-estimate.ts'
import {
  describeExponent,
  describeGivingUp,
  describeGroups,
  describeMethod,
  describeSecret,
} from './describe-search.ts'
import { describeSeen } from './describe-seen.ts'
import { count, duration } from '../numbers-in-words.ts'
import { labelled, type ReportStyle } from './report-style.ts'

/** Makes the lines that a person reads of one event after the other; none for progress, which has a place of its own. */
export function crackDescription(style: ReportStyle): (event: CrackEvent) => string[] {
  let conversations = 0
  let speaking: number | null = null

  return event => {
    switch (event.event) {
      case 'seen':
        conversations += 1
        return describeSeen(event.seen, style)
      case 'search':
        return describeMethod(event, style)
      case 'exponent':
        return describeExponent(event, style)
      case 'secret':
        return describeSecret(event, style)
      case 'gave-up':
        return describeGivingUp(event, style)
      case 'not-in-group': {
        const whose = formatAddress(event.connection[event.of])
        return labelled(style, 'not valid', style.red(`The public value of ${whose} is no power of g.`))
      }
      case 'groups': {
        const title = `groups that fit all ${event.conversations} conversations of the textbook`
        return ['', style.bold(title), ...labelled(style, '', ...describeGroups(event.groups))]
      }
      case 'infeasible':
        return describeInfeasible(event, style)
      case 'message': {
        const { number } = event.connection
        const title = speaking === number ? [] : ['', style.bold(`what was said on connection ${number}`)]
        speaking = number
        return [...title, ...describeMessage(event, style)]
      }
      case 'done': {
        const { recovered, ignored } = event
        if (conversations === 0) return ['there is no conversation in this capture']
        const more =
          ignored === 0 ? [] : [style.yellow(`too many conversations: ${count(ignored)} were not looked into`)]
        if (recovered === 0) return ['', ...more, 'recovered nothing']
        return ['', ...more, style.green(`recovered ${recovered} message${recovered === 1 ? '' : 's'}`)]
      }
      case 'progress':
        return []
    }
  }
}

function describeMessage(
  { packet, from, text }: Extract<CrackEvent, { event: 'message' }>,
  style: ReportStyle,
): string[] {
  const said = text === null ? style.yellow('(a record that does not open: altered, or cut)') : printable(text)
  const lines = `${style.cyan(`${printableLine(from)}:`)} ${said}`.split('\n')
  return labelled(style, `packet ${packet}`, ...lines.map((line, i) => (i === 0 ? line : `  ${line}`)))
}

/** One line that says how far a search is. */
export function describeProgress(
  { steps, seconds }: Extract<CrackEvent, { event: 'progress' }>,
  expected: number | null,
): string {
  const of = expected === null ? '' : ` of about ${count(expected)}`
  return `  ${count(steps)}${of} steps, ${duration(seconds)}`
}
