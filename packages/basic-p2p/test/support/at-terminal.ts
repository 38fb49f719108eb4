import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { onTestFinished } from 'vitest'
import { binPath } from '../../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../../core/test/support/screen/screen.ts'

/** The real client on a terminal. */
export async function atTerminal(
  { address }: { readonly address: Address },
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('basic-chat-client'), '--name', name, '--directory', formatAddress(address), ...args],
    cols: 100,
    env,
  })
  onTestFinished(() => screen.kill())
  await screen.until('/help lists all commands')
  return screen
}

/** The line being typed: prompt and text. */
export const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text
