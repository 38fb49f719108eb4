/** What somebody hears whose answer was neither. */
export const YES_OR_NO = 'please answer yes or no'

/** @returns what an answer to a question of yes or no says, in any case and between blanks; null for anything else */
export function readYesNo(answer: string): boolean | null {
  const word = answer.trim().toLowerCase()
  if (word === 'y' || word === 'yes') return true
  return word === 'n' || word === 'no' ? false : null
}
