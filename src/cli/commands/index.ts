// The table of commands, in the order of the help.
import type { Command } from '../command.ts'
import { chat } from './chat.ts'
import { doctor } from './doctor.ts'

export const commands: readonly Command[] = [chat, doctor]
