import type { Variant } from '../variant.ts'

/** What made-up people talk about. All of it is ASCII, so a character is a byte. */
const THINGS = [
  'flowerpot',
  'doormat',
  'birdhouse',
  'rain barrel',
  'garden bench',
  'woodpile',
  'sundial',
  'beehive',
  'wheelbarrow',
  'watering can',
] as const

export const MEETING_PLACES = [
  'old mill',
  'north gate',
  'boathouse',
  'lighthouse',
  'orchard',
  'stone bridge',
  'ferry landing',
  'clock tower',
  'bakery',
  'observatory',
] as const

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const REMARKS = [
  'Did you feed the cat?',
  'The kettle is on.',
  'I shall be late again.',
  'Mind the third step, it creaks.',
  'Nobody has seen my umbrella.',
  'The cake turned out well.',
  'It has been raining since noon.',
  'I found your other glove.',
] as const

export const thing = (variant: Variant, label: string): string => variant.pick(`${label} thing`, THINGS)
export const place = (variant: Variant, label: string): string => variant.pick(`${label} place`, MEETING_PLACES)
export const remark = (variant: Variant, label: string): string => variant.pick(`${label} remark`, REMARKS)

/** A sentence that names a time and a place, one of many thousands. */
export function appointment(variant: Variant, label: string): string {
  const day = variant.pick(`${label} day`, DAYS)
  const hour = variant.integer(`${label} hour`, 1, 12)
  const minute = String(variant.integer(`${label} minute`, 10, 59))
  return `On ${day} at ${hour}:${minute} I shall wait at the ${place(variant, label)}, beside the ${thing(variant, label)}.`
}
