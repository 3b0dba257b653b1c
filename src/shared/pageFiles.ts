// What both shells serve the page's files with: known types, names that stay in the folder, and the policy of every answer.

/** By the file's extension; a file of another kind is none of the page's. */
export const PAGE_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/**
 * The name below the page's folder that a URL's path asks for, without '.' and '..' steps; null when it is malformed,
 * leaves the folder, or could name something else on Windows (a drive, a stream of a file).
 */
export function pageFile(path: string): string | null {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    return null
  }
  if (/[\0\\:]/.test(name)) return null
  const steps: string[] = []
  for (const step of name.split('/')) {
    if (step === '..' && steps.pop() === undefined) return null
    if (step !== '..' && step !== '.' && step !== '') steps.push(step)
  }
  return name.endsWith('/') ? [...steps, 'index.html'].join('/') : steps.join('/')
}

/** On every answer. No script but the page's own files, no frames, no other host; `sockets` are the engine's addresses. */
export const pageHeaders = (sockets: readonly string[] = []): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...sockets].join(' '),
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
})
