// Handlers of the teachers surface.
import { TOP } from '../../shared/contract/teaching.ts'
import { listTeacherFiles } from '../teacher/index.ts'
import { os } from './base.ts'

export const teachers = os.teachers.router({
  list: os.teachers.list.handler(({ context, input }) => listTeacherFiles(context.projects.get(input.project).folder)),
  start: os.teachers.start.handler(async ({ context, input: { project, student, teacher: asked, top, shown } }) => {
    const { folder } = context.projects.get(project)
    const teacher = asked.type === 'local' ? asked : { ...asked, endpoint: await context.providers.endpoint(asked.provider) }
    return {
      id: context.teaching.start(folder, ({ onProgress, signal }) =>
        context.engine.scoreTeacher({ project: folder, student, teacher, k: top ?? TOP[teacher.type], context: shown, onProgress, signal }),
      ),
    }
  }),
  watch: os.teachers.watch.handler(({ context, input, signal }) => context.teaching.watch(context.projects.get(input.project).folder, signal)),
  cancel: os.teachers.cancel.handler(async ({ context, input }) => {
    await context.teaching.cancel(context.projects.get(input.project).folder, input.id)
    return {}
  }),
  dismiss: os.teachers.dismiss.handler(({ context, input }) => {
    context.teaching.dismiss(context.projects.get(input.project).folder, input.id)
    return {}
  }),
})
