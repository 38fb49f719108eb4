// Answers whatever known peers say: node echo-bot.mjs --name bob (flags are those of chat-client, which is on the PATH)
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const flags = ['--accept', 'known', '--json', ...process.argv.slice(2)]
const client = spawn('chat-client', flags, { stdio: ['pipe', 'pipe', 'inherit'] })
for await (const line of createInterface({ input: client.stdout })) {
  const { event, direction, peer, text } = JSON.parse(line)
  if (event !== 'message' || direction !== 'in') continue
  client.stdin.write(`/json ${JSON.stringify({ to: peer, text: `you said: ${text}` })}\n`)
}
