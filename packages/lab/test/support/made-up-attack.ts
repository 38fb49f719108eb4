import type { Attack, Claim, Play, Result } from '../../src/attacks/attack.ts'

const NOTHING = { result: 'n/a', reason: 'there is nothing of that kind here' } as const

export const claim = (result: Result, play: Play): Claim => ({ result, play })

/** An attack that exists in no lesson, with nothing to attack but what is said. */
export function madeUpAttack(
  name: string,
  more: Partial<Omit<Attack, 'against'>> & { against?: Partial<Attack['against']> } = {},
): Attack {
  return {
    name,
    title: `The attack ${name}`,
    position: 'sniffer',
    goal: 'Reach the goal.',
    question: 'Will she?',
    lesson: 'One paragraph.\n\nAnother one.',
    ...more,
    against: {
      calc: NOTHING,
      basic: NOTHING,
      'textbook-dh': NOTHING,
      'textbook-aes': NOTHING,
      dh: NOTHING,
      aes: NOTHING,
      ...more.against,
    },
  }
}
