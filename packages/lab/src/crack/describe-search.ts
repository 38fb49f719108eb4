import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { CrackEvent, Estimate, LegacyGroup } from './crack-event.ts'
import { MOST_SECRETS, PRIME_LIMIT } from './legacy-search.ts'
import { count, duration, powerOfTwo, scientific } from '../numbers-in-words.ts'
import { MULTIPLIERS } from './pollard-rho.ts'
import { LARGEST_SOLVED } from './estimate.ts'

/** Width of the labels, in cells. */
const LABEL_CELLS = 16

/** How the lines of a report look. */
export interface ReportStyle {
  readonly bold: (text: string) => string
  readonly cyan: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  /** Cells of a line. */
  readonly columns: number
}

/** A label and paragraphs beside it, each wrapped to the width. What comes from others must be printable(). */
export function labelled({ dim, columns }: ReportStyle, label: string, ...paragraphs: readonly string[]): string[] {
  const cells = Math.max(LABEL_CELLS, columns - LABEL_CELLS)
  const lines = paragraphs.flatMap(paragraph => rowsOf(paragraph, cells, 'prose'))
  return lines.map((line, i) => `  ${dim((i === 0 ? label : '').padEnd(LABEL_CELLS - 2))}${line}`)
}

type Event<Name extends CrackEvent['event']> = Extract<CrackEvent, { event: Name }>

/** Groups that are listed; the others are only counted. */
const NAMED_GROUPS = 4

/** How much of a text is shown to compare secrets with, in characters. */
const SAMPLE = 60

/** How a search goes about it. */
export function describeMethod({ method, expected }: Event<'search'>, style: ReportStyle): string[] {
  const steps = `${count(expected ?? 0)} steps on average`
  switch (method) {
    case null:
      return labelled(
        style,
        'method',
        'Try s = 0, 1, 2, ...: under a wrong key a record ends in the right padding once in 256 times. Under the right one all records do, and are UTF-8.',
      )
    case 'baby-step giant-step':
      return labelled(
        style,
        'method',
        `Baby steps, giant steps (Shanks): a table of g^0, g^1, ... up to g^(m-1) with m = sqrt(q), then A, A g^-m, A g^-2m, ... until one is in the table. About 1.5 sqrt(q): ${steps}.`,
      )
    case 'pollard rho':
      return labelled(
        style,
        'method',
        `Pollard's rho: a random walk through numbers g^i A^j, until it meets a number for the second time: its two representations give a. About sqrt(pi q / 2), times sqrt(${MULTIPLIERS} / ${MULTIPLIERS - 1}) since the walk has ${MULTIPLIERS} multipliers: ${steps}.`,
      )
  }
}

export function describeExponent(event: Event<'exponent'>, style: ReportStyle): string[] {
  const { of, connection, exponent, shared, proved, steps, seconds } = event
  const proof = proved
    ? 'Under the keys that follow from it the tag of the first IDENTITY is right.'
    : style.yellow('None: the tag of the first IDENTITY is missing, or wrong because the exchange was altered.')
  return [
    ...labelled(
      style,
      'found',
      `${style.green(`a = ${exponent}`)}, the exponent of ${formatAddress(connection[of])}, after ${effort(steps, seconds)}.`,
    ),
    ...labelled(style, 'secret', style.green(`B^a = g^(ab) = ${shared}`)),
    ...labelled(style, 'proof', proof),
  ]
}

export function describeSecret({ fits, groups, steps, seconds }: Event<'secret'>, style: ReportStyle): string[] {
  const [best, ...others] = fits
  if (best === undefined) {
    return labelled(style, 'not found', style.yellow(`No secret fits, after ${effort(steps, seconds)}.`))
  }
  const samples = others.map(({ secret, sample }) => `s = ${secret}: ${printableLine(sample.slice(0, SAMPLE))}`)
  const doubt =
    samples.length === 0
      ? []
      : labelled(style, 'or', style.yellow('The records are too few to be sure. These fit as well:'), ...samples)
  return [
    ...labelled(
      style,
      'found',
      `${style.green(`s = ${best.secret}`)}, ${samples.length === 0 ? 'the only one that fits' : 'the likeliest of those that fit'}, after ${effort(steps, seconds)}.`,
    ),
    ...doubt,
    ...labelled(style, 'groups', ...describeGroups(groups)),
  ]
}

/** What a search that was given up would have taken. */
export function describeGivingUp({ expected, steps, seconds }: Event<'gave-up'>, style: ReportStyle): string[] {
  if (steps === 0) return labelled(style, 'given up', style.yellow('No time was left. Allow more with --seconds.'))
  const outlook =
    expected === null
      ? `The search would go on to ${count(MOST_SECRETS)} secrets`
      : `On average it takes ${duration((expected / steps) * seconds)} at that rate`
  return labelled(
    style,
    'given up',
    style.yellow(`After ${effort(steps, seconds)}. ${outlook}. Allow more time with --seconds.`),
  )
}

/** Groups by name, at most some of them. */
export function describeGroups(groups: readonly LegacyGroup[]): string[] {
  const limit = `with a prime below ${PRIME_LIMIT}`
  if (groups.length === 0) return [`No group ${limit} leads from A and B to it.`]
  const named = groups
    .slice(0, NAMED_GROUPS)
    .map(({ p, g, exponents: [a, b] }) => `p = ${p}, g = ${g} (with a = ${a}, b = ${b})`)
  const more = groups.length - named.length
  return [...named, ...(more === 0 ? [] : [`and ${count(more)} more ${limit}`])]
}

function effort(steps: number, seconds: number): string {
  const rate = seconds > 0 ? ` (${count(steps / seconds)} a second)` : ''
  return `${count(steps)} steps in ${duration(seconds)}${rate}`
}

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
    `The largest such computation in public, for ${LARGEST_SOLVED.bits} bits, took ${count(LARGEST_SOLVED.coreYears)} core-years in 2019. Scaled by the formula: ${style.red(`${scientific(sieve.coreYears)} core-years`)}. The formula leaves out a factor that is not well known, so this may be off by some powers of ten.`,
  )
}
