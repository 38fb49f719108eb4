// Answers whatever known peers say: node echo-bot.mjs --name bob (flags are those of chat-client)
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

// Where chat-client is in a checkout; installed, it is on the PATH.
const checkout = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))
const env = { ...process.env, PATH: [process.env.PATH, checkout].join(delimiter) }
const flags = ['--accept', 'known', '--json', ...process.argv.slice(2)]
const client = spawn('chat-client', flags, { env, stdio: ['pipe', 'pipe', 'inherit'] })
client.on('error', error => console.error(`chat-client does not start: ${error.message}`))
for await (const line of createInterface({ input: client.stdout })) {
  const { event, direction, peer, text } = JSON.parse(line)
  if (event !== 'message' || direction !== 'in') continue
  client.stdin.write(`/json ${JSON.stringify({ to: peer, text: `you said: ${text}` })}\n`)
}
