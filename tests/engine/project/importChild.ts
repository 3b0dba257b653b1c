// Child process of kill.test.ts: imports a folder into a project, and says when it begins to write.
import { importPaths, openProject } from '../../../src/engine/project/index.ts'

const [folder, source] = process.argv.slice(2)
const project = openProject(folder!, { create: true })
process.stdout.write('open\n')
await importPaths(project, [source!])
process.stdout.write('done\n')
project.dispose()
