import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import * as v from 'valibot'

/** Small files of text that belong to one user alone. */
export interface PersonalFiles {
  /** Where a file is, for people. */
  where(file: string): string
  /**
   * @returns null when there is no such file
   * @throws {ChatError} `unreadable`
   */
  read(file: string): Promise<string | null>
  /**
   * Replaces a file as a whole; nobody else can read it.
   *
   * @throws {ChatError} `unwritable`, `disk-full`
   */
  write(file: string, text: string): Promise<void>
}

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

/** The settings of one person, for as long as the program runs and, where there is a home, beyond. */
export interface Preferences {
  readonly current: Settings
  /**
   * Takes new values, which count at once.
   *
   * @throws {ChatError} `unwritable`, `disk-full` when they will not be remembered; they count nevertheless
   */
  change(changes: Partial<Settings>): Promise<void>
  /** Tells of every change from now on. */
  watch(onChange: (settings: Settings) => void): void
}

/** What the settings of one person are read from. */
export interface PreferencesSource {
  /** Null where nothing is kept. */
  readonly files: PersonalFiles | null
  /** What the command line wants, which is not remembered. */
  readonly forNow: Partial<Settings>
  /** Told once why remembered settings do not count. */
  readonly warn: (text: string) => void
}

/** The file in the person's folder. */
const FILE = 'settings'

/** Whether the person wants all in plain lines. What is wrong with the file is for openPreferences() to say. */
export async function remembersPlain(files: PersonalFiles): Promise<boolean> {
  const text = await files.read(FILE).catch(() => null)
  return text !== null && parseSettings(text)?.plain === true
}

/** Reads the settings of one person. */
export async function openPreferences({ files, forNow, warn }: PreferencesSource): Promise<Preferences> {
  let remembered = DEFAULT_SETTINGS
  try {
    const text = (await files?.read(FILE)) ?? null
    const settings = text === null ? DEFAULT_SETTINGS : parseSettings(text)
    if (settings === null) warn(`${files?.where(FILE)} is no file of settings: the defaults count until the next /set`)
    else remembered = settings
  } catch (error) {
    rethrowUnless(error)
    warn(`the settings were not read: ${error.message} (${error.code})\n  ${error.hint}`)
  }
  let current: Settings = { ...remembered, ...forNow }
  let onChange: (settings: Settings) => void = () => {}
  return {
    get current() {
      return current
    },
    async change(changes) {
      remembered = { ...remembered, ...changes }
      current = { ...current, ...changes }
      onChange(current)
      await files?.write(FILE, formatSettings(remembered))
    },
    watch(present) {
      onChange = present
    },
  }
}
