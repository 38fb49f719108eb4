#!/usr/bin/env node
import { runClientCommand } from '@p2p-secure-chat/basic-p2p/program/client-command'
import { aesRung } from '../aes-rung.ts'

await runClientCommand(aesRung)
