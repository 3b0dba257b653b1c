// A noun with its indefinite article.

export const withArticle = (noun: string): string => `${/^[aeio]|^u(?!ni|s)/.test(noun) ? 'an' : 'a'} ${noun}`
