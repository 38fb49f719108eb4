/** The time of day where we are, as HH:MM. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}
