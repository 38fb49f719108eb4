import { runBin } from '../../../../core/test/support/process.ts'
import { messagesOf, type Solve } from './solve.ts'

export const replayedRecord: Solve = async folder => {
  const orders = (await messagesOf(folder)).filter(({ side }) => side === 'dialler').slice(1)
  const ivs = orders.map(({ fields }) => fields['legacy.iv'])
  const replay = ivs.findIndex((iv, i) => ivs.indexOf(iv) < i)
  const original = orders[ivs.indexOf(ivs[replay])]
  const { stdout } = await runBin('chat-lab', ['crack', 'capture.pcapng', '--json'], { cwd: folder })
  const texts = stdout
    .split('\n')
    .filter(line => line !== '')
    .map((line): { packet: number; text?: string } => JSON.parse(line))
  const coins = texts.flatMap(({ text }) => /^Pay carol (\d+) coins/.exec(text ?? '')?.[1] ?? [])
  return {
    original: String(original?.packet),
    replay: String(orders[replay]?.packet),
    text: texts.find(({ packet, text }) => text !== undefined && packet === original?.packet)?.text ?? '',
    paid: String(coins.reduce((sum, coin) => sum + Number(coin), 0)),
    sequence: String(replay),
  }
}
