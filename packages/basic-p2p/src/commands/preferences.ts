import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import * as v from 'valibot'

/** Small text files that only their user can read. */
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

/** What each setting does when it is on, in the order of the list. */
export const SETTINGS: Readonly<Record<SettingName, string>> = {
  bell: 'rings the bell for every text and call',
  title: 'counts unread texts in the window title',
  times: 'shows the time before every text',
  plain: 'for screen readers: plain lines, nothing is redrawn',
}

export const DEFAULT_SETTINGS: Settings = v.parse(settingsSchema, {})

export function isSettingName(word: string): word is SettingName {
  return Object.hasOwn(SETTINGS, word)
}

/** Reads what formatSettings() wrote; a missing setting has its default. Null for any other text. */
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

/** What Tab offers after `/set` and `typed`: a setting, then a value. */
export function settingWords(typed: string): string[] {
  return /\s/.test(typed) ? ['on', 'off'] : Object.keys(SETTINGS)
}

/** The settings of one person, for as long as the program runs and, where there is a home, beyond. */
export interface Preferences {
  readonly current: Settings
  /**
   * Applies new values at once.
   *
   * @throws {ChatError} `unwritable`, `disk-full` when they cannot be saved; they apply nevertheless
   */
  change(changes: Partial<Settings>): Promise<void>
  /** Calls `onChange` with every change from now on. */
  watch(onChange: (settings: Settings) => void): void
}

/** Where the settings of one person come from. */
export interface PreferencesSource {
  /** Null where nothing is saved. */
  readonly files: PersonalFiles | null
  /** Set by the command line, and not saved. */
  readonly forNow: Partial<Settings>
  /** Called once with the reason why saved settings do not apply. */
  readonly warn: (text: string) => void
}

/** The file in the person's folder. */
const FILE = 'settings'

/** Whether the saved settings ask for plain lines. openPreferences() reports what is wrong with the file. */
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
    if (settings === null) warn(`${files?.where(FILE)} is not a settings file: the defaults apply until the next /set`)
    else remembered = settings
  } catch (error) {
    rethrowUnless(error)
    warn(`the settings could not be read: ${error.message} (${error.code})\n  ${error.hint}`)
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
    watch(listener) {
      onChange = listener
    },
  }
}
