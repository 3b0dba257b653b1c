// The contract: every call and subscription that crosses the bridge, as one table. A missing handler does not compile.
import type { ContractRouterClient } from '@orpc/contract'
import { appRoutes } from './routes/app.ts'
import { chatRoutes } from './routes/chat.ts'
import { curationRoutes } from './routes/curation.ts'
import { curriculumRoutes } from './routes/curriculum.ts'
import { evaluationRoutes } from './routes/evaluations.ts'
import { mcpRoutes } from './routes/mcp.ts'
import { modelRoutes } from './routes/models.ts'
import { projectRoutes } from './routes/projects.ts'
import { askingRoutes } from './routes/asking.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import { runRoutes } from './routes/runs.ts'
import { teacherRoutes } from './routes/teachers.ts'
import { trajectoryRoutes } from './routes/trajectories.ts'

export const api = {
  app: appRoutes,
  projects: projectRoutes,
  trajectories: trajectoryRoutes,
  curation: curationRoutes,
  curriculum: curriculumRoutes,
  teachers: teacherRoutes,
  asking: askingRoutes,
  rollouts: rolloutRoutes,
  runs: runRoutes,
  evaluations: evaluationRoutes,
  models: modelRoutes,
  chat: chatRoutes,
  mcp: mcpRoutes,
}

/** What a page calls: the same over a message port, a WebSocket, or in memory. */
export type Api = ContractRouterClient<typeof api>
