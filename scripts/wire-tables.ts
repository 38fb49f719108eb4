// Writes the tables that follow from the descriptions of the messages into the Wireshark dissector and docs/protocol.md.
import { writeFileSync } from 'node:fs'
import { tableFiles, withTables } from '../packages/dissector/test/support/wire-tables.ts'

for (const file of tableFiles()) writeFileSync(file.path, withTables(file))
