// A preparation process that does what the request's student names, for tests of its other side.
process.on('message', (command) => {
  if (command.type === 'cancel') return process.send({ type: 'failed', id: command.id, error: { code: 'stopped', message: 'cancelled' } })
  const { id, task } = command
  switch (task.request.student) {
    case 'answer':
      return process.send({ type: 'done', id, result: process.pid })
    case 'refuse':
      return process.send({ type: 'failed', id, error: { code: 'refused', message: 'no' } })
    case 'progress':
      return process.send({ type: 'progress', id, done: 1, total: 2, phase: 'masking' })
    case 'exit':
      return process.exit(0)
    case 'die':
      return process.kill(process.pid, 'SIGKILL')
  }
})
process.on('disconnect', () => process.exit())
