#!/usr/bin/env node
import { serverCommand } from '@p2p-secure-chat/basic-p2p/program/server-command'
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { aesRung } from '../aes-rung.ts'

await runCommandLine(serverCommand(aesRung))
