// Writes docs/commands.md: `npm run command-tables`. A test keeps it equal to the programs.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commandTables } from '@p2p-secure-chat/suite/command-tables'

const HEAD = `# Commands

Every program with its flags and commands, as \`--help\` shows them. \`npm run command-tables\` writes this page. What one
types in a running chat is listed by \`/help\`, and explained in [daily-use.md](daily-use.md).
`

writeFileSync(fileURLToPath(new URL('../docs/commands.md', import.meta.url)), `${HEAD}\n${await commandTables()}`)
