import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { CrackEvent, Estimate } from './crack-event.ts'
import { RECORD } from './estimate.ts'
import { count, powerOfTwo, scientific } from '../numbers-in-words.ts'
import { labelled, type ReportStyle } from './report-style.ts'

/** Why a group stays closed, with the numbers and where they come from. */
export function describeInfeasible(
  { group, connections, estimate }: Extract<CrackEvent, { event: 'infeasible' }>,
  style: ReportStyle,
): string[] {
  const numbers = connections.map(({ number }) => number).join(', ')
  const which = `${printableLine(group)} (connection${connections.length === 1 ? '' : 's'} ${numbers})`
  const verdict = estimate.kangaroo === null ? 'an unknown group' : 'out of reach'
  return ['', style.bold(`${which}: ${verdict}`), ...kangarooLines(estimate, style), ...sieveLines(estimate, style)]
}

function kangarooLines({ bits, exponentBits, rate, kangaroo }: Estimate, style: ReportStyle): string[] {
  if (kangaroo === null || exponentBits === null) {
    return labelled(
      style,
      'the group',
      'Only its name is in the capture: its numbers never cross the wire, and chat-lab does not know them either.',
      `The public values show a p of about ${bits} bits.`,
    )
  }
  return labelled(
    style,
    'exponents',
    `An exponent here has ${exponentBits} bits, the highest of them set, so it is one of w = 2^${exponentBits - 1}. Pollard's kangaroos take 2 sqrt(w) = ${powerOfTwo(kangaroo.steps)} steps.`,
    `This machine does ${count(rate)} steps a second in this group, as measured just now on one core: ${style.red(`${scientific(kangaroo.years)} years`)}.`,
  )
}

function sieveLines({ bits, sieve }: Estimate, style: ReportStyle): string[] {
  // Less than a year: the group is unknown, and not hard.
  if (sieve.coreYears < 0) return []
  return labelled(
    style,
    'sieve',
    `The number field sieve does not care about exponents. It takes L[1/3, (64/9)^(1/3)] = exp((64/9 ln p)^(1/3) (ln ln p)^(2/3)), for ${bits} bits ${powerOfTwo(sieve.operations)} operations.`,
    `The largest such computation in public, for ${RECORD.bits} bits, took ${count(RECORD.coreYears)} core-years in 2019. Scaled by the formula: ${style.red(`${scientific(sieve.coreYears)} core-years`)}. The formula leaves out a factor that nobody knows well, so this may be off by some powers of ten.`,
  )
}
