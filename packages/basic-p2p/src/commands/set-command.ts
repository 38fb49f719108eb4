import { ChatError } from '@p2p-secure-chat/core/errors'
import { type ChatCommand, misused } from './chat-command.ts'
import { noSuch } from './no-such.ts'
import { isSettingName, type SettingName, SETTINGS } from './preferences.ts'

/** The command by which a person makes the terminal theirs. */
export const setCommand: ChatCommand = {
  name: 'set',
  usage: '[SETTING [on|off]]',
  group: 'this program',
  argument: 'setting',
  help: 'bell, title, times, plain: switch them',
  description:
    'Switches something on or off, and remembers it where your keys are kept. Without a value it shows the setting, and alone it lists all of them.',
  example: '/set bell on',
  async run(rest, { preferences, presenter }) {
    if (preferences === null) throw new ChatError('usage', '/set is for a person at a terminal')
    const [setting, value, ...more] = rest.toLowerCase().split(/\s+/).filter(Boolean)
    const names = Object.keys(SETTINGS)
    const row = (name: SettingName) =>
      `${name.padEnd(5)}  ${(preferences.current[name] ? 'on' : 'off').padEnd(3)}  ${SETTINGS[name]}`
    if (setting === undefined) return presenter.note(names.filter(isSettingName).map(row).join('\n'))
    if (!isSettingName(setting)) {
      throw noSuch('setting', setting, names, `the settings are ${names.join(', ')}`)
    }
    if (value === undefined) return presenter.note(row(setting))
    if ((value !== 'on' && value !== 'off') || more.length > 0) {
      throw misused(setCommand, `/set ${setting} on, or /set ${setting} off`)
    }
    await preferences.change({ [setting]: value === 'on' })
    presenter.note(`${setting} is ${value}`)
  },
}
