// Paths of any system as a person reads them.

/** The last part, without the ending of a model file. */
export const fileName = (path: string): string => baseName(path).replace(/\.gguf$/i, '')

/** The last part. */
export const baseName = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? path

/** All but the last part. */
export const folderName = (path: string): string => path.slice(0, path.length - baseName(path).length).replace(/(?<=.)[\\/]$/, '')

/** A sentence in which each file has its name alone; addresses stay. */
export const shortPaths = (text: string): string => text.replace(/(?<![\w:/.\\])(?:[A-Za-z]:)?(?:[\\/][^\\/\s:;,"'()]+){2,}/g, (path) => `…/${baseName(path)}`)
