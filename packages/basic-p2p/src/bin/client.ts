#!/usr/bin/env node
import { basicRung } from '../basic-rung.ts'
import { runClientCommand } from '../program/client-command.ts'

await runClientCommand(basicRung)
