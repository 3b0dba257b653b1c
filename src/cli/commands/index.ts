// The table of commands, in the order of the help.
import type { Command } from '../command.ts'
import { chat } from './chat.ts'
import { doctor } from './doctor.ts'
import { importCommand } from './import.ts'
import { list } from './list.ts'
import { mask } from './mask.ts'
import { score } from './score.ts'
import { show } from './show.ts'

export const commands: readonly Command[] = [importCommand, list, show, mask, score, chat, doctor]
