import { messagesOf, type Solve } from './solve.ts'

export const stoppedAttack: Solve = async folder => {
  const messages = await messagesOf(folder, 'capture.pcapng', 'capture.keys')
  const records = messages.filter(({ name, side }) => name === 'RECORD' && side === 'dialler')
  const questions = records.filter(({ findings }) => findings.some(({ code }) => code === 'bad-tag'))
  const last = questions.at(-1)
  const wanted = records.find(({ fields }) => fields['record.iv'] === last?.fields['record.iv'])
  return {
    questions: String(questions.length),
    packet: String(last?.packet),
    wanted: wanted?.inner[0]?.fields['text'] ?? '',
    sequence: String(records.filter(({ conversation }) => conversation === last?.conversation).length - 1),
    check: 'tag',
    code: 'bad-record',
  }
}
