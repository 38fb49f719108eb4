import { messagesOf, type Solve } from './solve.ts'

export const stoppedAttack: Solve = async folder => {
  const messages = await messagesOf(folder, 'capture.pcapng', 'capture.keys')
  const records = messages.filter(({ name, side }) => name === 'RECORD' && side === 'dialler')
  const refused = records.findIndex(({ findings }) => findings.some(({ code }) => code === 'bad-tag'))
  const texts = records.flatMap(({ inner }) => inner.flatMap(({ fields }) => fields['text'] ?? []))
  return {
    packet: String(records[refused]?.packet),
    sequence: String(refused),
    check: 'tag',
    code: 'bad-record',
    last: texts.at(-1) ?? '',
  }
}
