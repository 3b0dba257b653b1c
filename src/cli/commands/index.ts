// The table of commands, in the order of the help.
import type { Command } from '../command.ts'
import { doctor } from './doctor.ts'

export const commands: readonly Command[] = [doctor]
