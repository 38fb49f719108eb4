#!/usr/bin/env node
import { runServerCommand } from '@p2p-secure-chat/basic-p2p/program/server-command'
import { aesRung } from '../aes-rung.ts'

await runServerCommand(aesRung)
