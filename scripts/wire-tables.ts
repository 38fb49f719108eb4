// Writes the tables that follow from the descriptions of the messages into the Wireshark dissector and docs/protocol.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { TABLE_FILES, withTables } from '../packages/lab/test/support/wire-tables.ts'

for (const file of TABLE_FILES) writeFileSync(file.path, withTables(readFileSync(file.path, 'utf8'), file))
