import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Connection, Side } from '../capture/stream-event.ts'
import type { CrackEvent, Estimate, Method } from './crack-event.ts'
import { RECORD } from './estimate.ts'
import type { SeenHandshake, SeenLegacy } from './evidence.ts'
import { type LegacyGroup, PRIME_LIMIT } from './legacy-groups.ts'
import { MOST_SECRETS } from './legacy-search.ts'
import { count, duration, powerOfTwo, scientific } from './numbers-in-words.ts'
import { toyGroupNamed } from './toy-groups.ts'

/** Cells of the words in front of what is said. */
const LABEL_WIDTH = 14

/** Groups that are named; of the others only the number is told. */
const NAMED_GROUPS = 5

/** How much of a text is shown to compare secrets with, in characters. */
const SAMPLE = 60

/** What a line is coloured with. */
type Colours = Readonly<Record<'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow', (text: string) => string>>

/** What a person reads of an attack as it goes on. */
export interface CrackDescription {
  /** The lines of one event; none for progress, which has a place of its own. */
  describe(event: CrackEvent): string[]
  /** One line that says how far a search is; empty for every other event. */
  progress(event: CrackEvent): string
}

/** @param colour for the stream that it is written to */
export function crackDescription({ bold, cyan, dim, green, red, yellow }: Colours): CrackDescription {
  /** Steps that the search under way takes on average. */
  let expected: number | null = null
  let messages = 0

  const item = (label: string, ...lines: readonly string[]) =>
    lines.map((line, i) => `  ${dim((i === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`)

  function seenLines(seen: Extract<CrackEvent, { event: 'seen' }>['seen']): string[] {
    const title = ['', bold(titleOf(seen.connection))]
    switch (seen.kind) {
      case 'handshake':
        return [...title, ...item('on the wire', ...handshakeOnWire(seen))]
      case 'legacy':
        return [...title, ...legacyLines(seen)]
      case 'open':
        return [
          ...title,
          ...item('in the open', `${seen.spoken} hides nothing, so there is nothing to crack: see chat-lab read`),
        ]
      case 'part':
        return [
          ...title,
          ...item('no beginning', `the exchange of this ${seen.spoken} conversation is not in the capture`),
        ]
    }
  }

  function legacyLines(seen: SeenLegacy): string[] {
    const { publicValues, probes } = seen
    const values = `A = ${shortNumber(publicValues.dialler)}, B = ${shortNumber(publicValues.listener)}, as decimal text, and no p and no g`
    if (probes.length === 0) return item('on the wire', values, 'then the texts, in the open')
    return [
      ...item('on the wire', values, 'then records, each an IV and AES-256-CBC'),
      ...item('unknown', 's = g^(ab) mod p; the key is SHA-256 of its decimal digits'),
    ]
  }

  function searchLines(method: Method | null): string[] {
    if (method === null) {
      return item(
        'method',
        'try s = 0, 1, 2, ...: under a wrong key a record ends in right padding once in 256 times,',
        'and the right key is the one under which all of them do and are UTF-8',
      )
    }
    const steps = `some ${count(expected ?? 0)} multiplications on average`
    return method === 'pollard rho'
      ? item(
          'method',
          "Pollard's rho: a walk through the powers of g that notes every step, until it comes by",
          `a place where it has been; two ways to one place give a. sqrt(pi q / 2): ${steps}`,
        )
      : item(
          'method',
          'baby steps, giant steps: a table of g^0, g^1, ... g^(m-1) with m = sqrt(q), and steps of g^-m',
          `from A until one is in the table. 1.5 sqrt(q): ${steps}`,
        )
  }

  function exponentLines(event: Extract<CrackEvent, { event: 'exponent' }>): string[] {
    const { of, connection, exponent, shared, proved, steps, seconds } = event
    return [
      ...item(
        'found',
        green(`a = ${exponent}`),
        `the exponent of ${formatAddress(connection[of])}, ${effort(steps, seconds)}`,
      ),
      ...item('secret', green(`B^a = g^(ab) = ${shared}`)),
      ...item(
        'proof',
        proved
          ? 'under the keys that follow from it the tag of the first IDENTITY is right'
          : yellow(
              'none: the tag of the first IDENTITY is wrong or missing, so somebody altered the exchange, or it was cut',
            ),
      ),
    ]
  }

  function secretLines({ fits, groups, steps, seconds }: Extract<CrackEvent, { event: 'secret' }>): string[] {
    const [best, ...others] = fits
    if (best === undefined) {
      return item('not found', yellow(`none of ${count(steps)} secrets fits`), effort(steps, seconds))
    }
    const unique = `${count(steps)} secrets tried, ${fits.length} of them ${fits.length === 1 ? 'fits' : 'fit'}; ${effort(steps, seconds)}`
    return [
      ...item('found', green(`s = ${best.secret}`), unique),
      ...(others.length === 0
        ? []
        : item(
            'or',
            yellow('too few records to be sure: these open them too, less likely'),
            ...others.map(({ secret, sample }) => `s = ${secret}: ${printableLine(sample.slice(0, SAMPLE))}`),
          )),
      ...item('groups', ...groupLines(groups)),
    ]
  }

  function infeasibleLines({ group, connections, estimate }: Extract<CrackEvent, { event: 'infeasible' }>): string[] {
    const numbers = connections.map(({ number }) => number).join(', ')
    const where = `connection${connections.length === 1 ? '' : 's'} ${numbers}`
    return ['', bold(`${printableLine(group)} (${where}): not feasible, and here is why`), ...estimateLines(estimate)]
  }

  function estimateLines({ bits, exponentBits, rate, kangaroo, sieve }: Estimate): string[] {
    return [
      ...(kangaroo === null
        ? item('the group', `its numbers never cross the wire; the public values say that p has about ${bits} bits`)
        : item(
            'kangaroos',
            `an exponent has ${exponentBits} bits, the highest of them set: 2 sqrt(2^${(exponentBits ?? 1) - 1}) = ${powerOfTwo(kangaroo.steps)} steps`,
            `here, now, one core: ${count(rate)} steps a second, so ${red(`${scientific(kangaroo.years)} years`)}`,
          )),
      ...item(
        'number field',
        `L[1/3, (64/9)^(1/3)] for ${bits} bits: ${powerOfTwo(sieve.operations)} operations`,
        `the largest published, ${RECORD.bits} bits, took ${count(RECORD.coreYears)} core-years (2019); by that formula: ${red(`${scientific(sieve.coreYears)} core-years`)}`,
      ),
      ...item('', dim('the formula leaves out a factor that nobody knows well: it may be off by some powers of ten')),
    ]
  }

  return {
    describe(event) {
      switch (event.event) {
        case 'seen':
          return seenLines(event.seen)
        case 'search':
          expected = event.expected
          return searchLines(event.method)
        case 'exponent':
          return exponentLines(event)
        case 'secret':
          return secretLines(event)
        case 'not-in-group':
          return item(
            'not valid',
            red(`the public value of ${formatAddress(event.connection[event.of])} is no power of g`),
          )
        case 'gave-up':
          return item('given up', yellow(effort(event.steps, event.seconds)), ...outlook(event))
        case 'groups':
          return [
            '',
            bold(`groups that fit all ${event.conversations} conversations of the textbook`),
            ...item('', ...groupLines(event.groups)),
          ]
        case 'infeasible':
          return infeasibleLines(event)
        case 'message': {
          messages += 1
          const title = messages === 1 ? ['', bold('what was said')] : []
          const [first = '', ...more] = event.text === null ? [] : printable(event.text).split('\n')
          const said = event.text === null ? yellow('(a record that does not open: altered, or cut)') : first
          return [
            ...title,
            `  ${dim(`packet ${event.packet}`.padEnd(LABEL_WIDTH))}${cyan(`${printableLine(event.from)}:`)} ${said}`,
            ...more.map(line => `  ${' '.repeat(LABEL_WIDTH)}  ${line}`),
          ]
        }
        case 'done':
          return [
            '',
            event.recovered > 0
              ? green(`recovered ${event.recovered} message${event.recovered === 1 ? '' : 's'}`)
              : 'recovered nothing',
          ]
        case 'progress':
          return []
      }
    },

    progress(event) {
      if (event.event !== 'progress') return ''
      const { steps, seconds } = event
      const of = expected === null ? '' : ` of about ${count(expected)}`
      return `  ${count(steps)}${of} tried, ${duration(seconds)}`
    },
  }
}

function titleOf({ number, dialler, listener }: Connection): string {
  return `connection ${number}: ${formatAddress(dialler)} called ${formatAddress(listener)}`
}

function handshakeOnWire({ spoken, group, bits, initiator, publicValues }: SeenHandshake): string[] {
  const responder: Side = initiator === 'dialler' ? 'listener' : 'dialler'
  const [name, a, b] = [printableLine(group), publicValues[initiator], publicValues[responder]].map(value =>
    typeof value === 'bigint' ? shortNumber(value) : value,
  )
  if (!/^toy/.test(group)) return [`${spoken} in the group ${name}: A and B of ${bits} bits`]
  const { p, g } = toyGroupNamed(group)
  return [
    `${spoken} in the group ${name}: p = ${p} (${bits} bits), g = ${g}`,
    `A = g^a = ${a} and B = g^b = ${b}; a and b are what is missing`,
  ]
}

function groupLines(groups: readonly LegacyGroup[]): string[] {
  if (groups.length === 0) return [`none with a prime below ${count(PRIME_LIMIT)} leads from A and B to that secret`]
  const named = groups
    .slice(0, NAMED_GROUPS)
    .map(({ p, g, exponents: [a, b] }) => `p = ${p}, g = ${g} (a = ${a}, b = ${b})`)
  const more = groups.length - named.length
  return [...named, ...(more === 0 ? [] : [`and ${count(more)} more with a prime below ${count(PRIME_LIMIT)}`])]
}

function effort(steps: number, seconds: number): string {
  const rate = seconds > 0 ? ` (${count(steps / seconds)} a second)` : ''
  return `${count(steps)} steps in ${duration(seconds)}${rate}`
}

/** What a search that was given up would have taken. */
function outlook({ expected, steps, seconds }: Extract<CrackEvent, { event: 'gave-up' }>): string[] {
  if (steps === 0) return ['no time was left for it: --seconds gives more']
  if (expected === null) return [`it would go on to ${count(MOST_SECRETS)} secrets: --seconds gives it more time`]
  return [`it takes some ${duration((expected / steps) * seconds)} on average: --seconds gives it more time`]
}

/** A number of a size that fits on a line. */
function shortNumber(value: bigint): string {
  const text = String(value)
  return text.length <= 40 ? text : `${text.slice(0, 12)}... (${text.length} digits)`
}
