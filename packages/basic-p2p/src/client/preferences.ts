import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { PersonalFiles } from './personal-files.ts'
import { DEFAULT_SETTINGS, formatSettings, parseSettings, type Settings } from './settings.ts'

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
