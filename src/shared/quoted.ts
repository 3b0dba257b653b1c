// Words of a command line that is printed to be typed: those that a shell would take apart are quoted.

/** In double quotes, which all shells know; in single ones where those would still be read for signs of their own. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./\\~-]+$/.test(word) ? word : /["$`!]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : `"${word}"`
