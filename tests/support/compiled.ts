// Compiled code is kept between the many processes that tests start: Node's own cache, checked against each file's content.
import { resolve } from 'node:path'

process.env['NODE_COMPILE_CACHE'] ??= resolve(import.meta.dirname, '../../node_modules/.cache/compiled')
