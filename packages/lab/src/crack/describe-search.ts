import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { CrackEvent } from './crack-event.ts'
import { type LegacyGroup, PRIME_LIMIT } from './legacy-groups.ts'
import { MOST_SECRETS } from './legacy-search.ts'
import { count, duration } from '../numbers-in-words.ts'
import { MULTIPLIERS } from './pollard-rho.ts'
import { labelled, type ReportStyle } from './report-style.ts'

type Event<Name extends CrackEvent['event']> = Extract<CrackEvent, { event: Name }>

/** Groups that are named; of the others only the number is told. */
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
        'Try s = 0, 1, 2, ...: under a wrong key a record ends in the right padding once in 256 times. The right one is that under which all records do, and are UTF-8.',
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
        `Pollard's rho: a random walk through numbers g^i A^j, until it comes to where it has been: two names of one number give a. About sqrt(pi q / 2), times sqrt(${MULTIPLIERS} / ${MULTIPLIERS - 1}) since the walk has ${MULTIPLIERS} ways to go on: ${steps}.`,
      )
  }
}

export function describeExponent(event: Event<'exponent'>, style: ReportStyle): string[] {
  const { of, connection, exponent, shared, proved, steps, seconds } = event
  const proof = proved
    ? 'Under the keys that follow from it the tag of the first IDENTITY is right.'
    : style.yellow('None: the tag of the first IDENTITY is missing, or wrong because somebody altered the exchange.')
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
  if (steps === 0) return labelled(style, 'given up', style.yellow('No time was left. --seconds gives more.'))
  const outlook =
    expected === null
      ? `The search would go on to ${count(MOST_SECRETS)} secrets`
      : `On average it takes ${duration((expected / steps) * seconds)} at that rate`
  return labelled(
    style,
    'given up',
    style.yellow(`After ${effort(steps, seconds)}. ${outlook}: --seconds gives it more.`),
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
