// The table of commands, in the order of the help.
import type { Command } from '../command.ts'
import { bench } from './bench.ts'
import { chat } from './chat.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { list } from './list.ts'
import { mask } from './mask.ts'
import { plan } from './plan.ts'
import { runs } from './runs.ts'
import { score } from './score.ts'
import { serve } from './serve.ts'
import { show } from './show.ts'
import { train } from './train.ts'

export const commands: readonly Command[] = [importCommand, list, show, mask, plan, train, runs, exportCommand, score, chat, serve, bench, demo, doctor]
