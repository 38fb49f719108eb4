import * as v from 'valibot'

const settingsSchema = v.strictObject({
  bell: v.optional(v.boolean(), false),
  title: v.optional(v.boolean(), false),
  times: v.optional(v.boolean(), false),
  plain: v.optional(v.boolean(), false),
})

/** How a person wants their terminal. */
export type Settings = Readonly<v.InferOutput<typeof settingsSchema>>

export type SettingName = keyof Settings

/** What each setting does when it is on, in the order in which they are listed. */
export const SETTINGS: Readonly<Record<SettingName, string>> = {
  bell: 'rings the bell when a text comes or somebody calls',
  title: 'shows unread texts in the title of the window',
  times: 'shows the time before every text',
  plain: 'for screen readers: plain lines, nothing is redrawn',
}

export const DEFAULT_SETTINGS: Settings = v.parse(settingsSchema, {})

export function isSettingName(word: string): word is SettingName {
  return Object.hasOwn(SETTINGS, word)
}

/** Reads what formatSettings() wrote; what is missing has its default. Null for anything else. */
export function parseSettings(text: string): Settings | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const settings = v.safeParse(settingsSchema, value)
  return settings.success ? settings.output : null
}

export function formatSettings(settings: Settings): string {
  return `${JSON.stringify(settings, null, 2)}\n`
}

/** What may stand at the end of `/set` and `typed`: a setting, then a value. */
export function settingWords(typed: string): string[] {
  return /\s/.test(typed) ? ['on', 'off'] : Object.keys(SETTINGS)
}
