import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Option } from 'commander'
import { ChatError } from '../errors.ts'
import { typedCommand } from './typed-command.ts'

/** npm 11 takes a flag for the one of its own settings that begins so. */
const COMPLETED: Readonly<Record<string, string>> = { to: 'token-description' }

interface KeptFlag {
  readonly option: Option
  /** As npm has it: `true` if nothing followed a `=`, even if a value came after it. */
  readonly value: string
}

/**
 * Without `--`, `npm run` keeps all flags as settings of its own, and passes on the other words alone. Nothing should
 * start then that the person did not mean.
 *
 * @throws {ChatError} `usage`, with the right command as its hint, if npm kept a flag of this program
 */
export function refuseKeptFlags(program: Command): void {
  const kept = optionsOf(program).flatMap(option => keptFlag(option) ?? [])
  if (kept.length === 0) return
  const names = kept.map(({ option }) => option.long).join(' and ')
  throw new ChatError('usage', `npm kept ${names} for itself`, {
    hint: typedCommand(program.name(), meant(program, kept)),
  })
}

/** Those of the program and its subcommands, each name once. */
function optionsOf(program: Command): Option[] {
  const all = [...program.options, ...program.commands.flatMap(optionsOf)]
  return [...new Map(all.map(option => [option.long, option])).values()]
}

function keptFlag(option: Option): KeptFlag | null {
  const name = option.long?.replace(/^--(no-)?/, '') ?? ''
  for (const setting of [name, COMPLETED[name]]) {
    const value = process.env[`npm_config_${setting?.replaceAll('-', '_')}`]
    if (setting === undefined || value === undefined) continue
    // npm writes no for a setting as an empty text.
    if ((value === '') === option.negate && !isInNpmrc(setting)) return { option, value }
  }
  return null
}

/** Whether a configuration file of npm has that setting, which may then be no flag of this command. */
function isInNpmrc(setting: string): boolean {
  const { npm_config_userconfig: user, npm_config_globalconfig: shared } = process.env
  return [user, shared, join(process.cwd(), '.npmrc')]
    .filter(path => path !== undefined && existsSync(path))
    .some(path => new RegExp(`^\\s*${setting}\\s*(=|$)`, 'm').test(readFileSync(path ?? '', 'utf8')))
}

/** What follows the program's name: the words that npm passed on, and the flags that it kept. */
function meant({ commands, registeredArguments }: Command, kept: readonly KeptFlag[]): string {
  const words = process.argv.slice(2)
  const [first = ''] = words
  const isCommand = commands.some(command => command.name() === first)
  const open = kept.filter(flag => isOpen(flag, words))
  if (open.length === 0) return [...words.map(quoted), ...kept.map(flag => spelled(flag, flag.value))].join(' ')
  // A lone word is the value, where it can be nothing else; of several nobody knows which.
  const known = words.length === 1 && open.length === 1 && !isCommand
  const flags = kept.map(flag => spelled(flag, open.includes(flag) ? (known ? first : null) : flag.value))
  const others = isCommand ? [first, '...'] : registeredArguments.length > 0 && !known ? ['...'] : []
  return [...others, ...flags].join(' ')
}

/** Whether the value is missing: it may be one of the words. */
function isOpen({ option: { required, optional }, value }: KeptFlag, words: readonly string[]): boolean {
  return value === 'true' && (required || (optional && words.length > 0))
}

/** A flag as a person types it; without a value, with the name of it. */
function spelled({ option }: KeptFlag, value: string | null): string {
  if (value === null) return option.flags.replace(/^-., /, '')
  return option.required || (option.optional && value !== 'true') ? `${option.long} ${quoted(value)}` : `${option.long}`
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : JSON.stringify(word)
}
