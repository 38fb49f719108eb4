#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { basicRung } from '../basic-rung.ts'
import { clientCommand } from '../program/client-command.ts'

await runCommandLine(clientCommand(basicRung))
