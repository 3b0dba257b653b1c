// Texts as words: runs of letters and digits, without case and the signs between them.

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
