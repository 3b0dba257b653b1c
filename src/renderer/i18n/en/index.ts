// English, one file a screen.
import { app } from './app.ts'
import { asking } from './asking.ts'
import { chat } from './chat.ts'
import { curation } from './curation.ts'
import { curriculum } from './curriculum.ts'
import { editor } from './editor.ts'
import { evaluate } from './evaluate.ts'
import { exports } from './exports.ts'
import { mcp } from './mcp.ts'
import { models } from './models.ts'
import { settings } from './settings.ts'
import { teacher } from './teacher.ts'
import { teachers } from './teachers.ts'
import { train } from './train.ts'
import { trajectories } from './trajectories.ts'

export const en = { app, trajectories, editor, asking, curation, teacher, curriculum, train, teachers, exports, evaluate, chat, mcp, models, settings } as const
