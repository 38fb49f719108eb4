import { readDataFile } from '@p2p-secure-chat/core/installation'
import { RUNGS, type RungName } from '../rungs.ts'
import { type Attack, type Claim, type Family, type NotApplicable, type Plays, POSITIONS, RESULTS } from './attack.ts'

/** The head of the table of claims. */
const CLAIMS_HEAD = ['| rung | result | why there is nothing to attack |', '| --- | --- | --- |']

/**
 * Reads a family of attacks from `attacks/NAME.md` of this package, where a teacher can edit all that people read, and
 * joins each attack with its plays. A text begins with `## name`, then come its fields (`- Title: ...`), the table of
 * claims and the lesson.
 *
 * @param plays by the name of the attack; the order of the attacks is that of the file
 * @throws {Error} naming the file, the attack and what is wrong with it
 */
export function readFamily(name: string, plays: Readonly<Record<string, Plays>>): Family {
  return parseFamily(name, readDataFile('attacks', `${name}.md`), plays)
}

/** See readFamily(). */
export function parseFamily(family: string, source: string, plays: Readonly<Record<string, Plays>>): Family {
  const file = `attacks/${family}.md`
  const [head = '', ...sections] = source.split(/^## /m)
  const title = /^# (.+)\n\s*$/.exec(head)?.[1]
  if (title === undefined) throw new Error(`${file}: the file must begin with "# " and the title of the family`)
  const attacks = sections.map(section => parseAttack(section, file, plays))
  const names = attacks.map(attack => attack.name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new Error(`${file}: ${twice} is described twice`)
  const missing = Object.keys(plays).find(name => !names.includes(name))
  if (missing !== undefined) throw new Error(`${file}: ${missing} has plays, but no section "## ${missing}"`)
  return { name: family, title, attacks }
}

function parseAttack(section: string, file: string, plays: Readonly<Record<string, Plays>>): Attack {
  const [name = '', ...lines] = section.split('\n')
  const fault = (what: string) => new Error(`${file}, ${name}: ${what}`)
  const own = plays[name]
  if (own === undefined) throw fault('no attack of this family has that name')

  function field(label: string): string {
    const text = lines.find(line => line.startsWith(`- ${label}: `))?.slice(label.length + 4)
    if (text === undefined || text.trim() === '') throw fault(`the line "- ${label}: ..." is missing`)
    return text
  }

  const table = lines.indexOf(CLAIMS_HEAD[0] ?? '')
  if (table < 0 || lines[table + 1] !== CLAIMS_HEAD[1]) throw fault(`the table "${CLAIMS_HEAD[0]}" is missing`)
  const rows = lines.slice(table + CLAIMS_HEAD.length, table + CLAIMS_HEAD.length + RUNGS.length)
  const lesson = paragraphs(lines.slice(table + CLAIMS_HEAD.length + RUNGS.length))
  if (lesson === '' || lesson.startsWith('|')) throw fault('a lesson must follow the table')

  function claimOn(rung: RungName): Claim | NotApplicable {
    const cells = rows.map(line => line.split('|').map(cell => cell.trim())).find(row => row[1] === rung)
    const [, , result, reason = ''] = cells ?? []
    const play = own?.[rung]
    if (result === 'n/a') {
      if (play !== undefined) throw fault(`there is a play against ${rung}, so the claim cannot be n/a`)
      if (reason === '') throw fault(`n/a against ${rung} needs a reason in the third column`)
      return { result, reason }
    }
    const claimed = RESULTS.find(one => one === result)
    if (claimed === undefined) throw fault(`the result against ${rung} must be ${RESULTS.join(', ')} or n/a`)
    if (play === undefined) throw fault(`nothing is played against ${rung}, so the claim must be n/a`)
    return { result: claimed, play }
  }

  const position = POSITIONS.find(one => one === field('Position'))
  if (position === undefined) throw fault(`the position must be one of ${POSITIONS.join(', ')}`)
  return {
    name,
    title: field('Title'),
    position,
    goal: field('Goal'),
    question: field('Question'),
    lesson,
    ...(own.patient === true ? { patient: true } : {}),
    against: {
      calc: claimOn('calc'),
      basic: claimOn('basic'),
      'textbook-dh': claimOn('textbook-dh'),
      'textbook-aes': claimOn('textbook-aes'),
      dh: claimOn('dh'),
      aes: claimOn('aes'),
    },
  }
}

/** Each paragraph on one line, with an empty line between two. */
function paragraphs(lines: readonly string[]): string {
  const texts = lines
    .join('\n')
    .trim()
    .split(/\n\s*\n/)
  return texts.map(text => text.replace(/\s*\n\s*/g, ' ')).join('\n\n')
}
