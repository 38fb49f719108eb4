#!/usr/bin/env node
import { basicRung } from '../basic-rung.ts'
import { runClientCommand } from '../client/client-command.ts'

await runClientCommand(basicRung)
