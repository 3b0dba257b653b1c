// Texts of tools within a limit; what is left out is counted in them.

/** No character outside the BMP is divided. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text
  const end = /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most
  return `${text.slice(0, end)}[${text.length - end} more characters]`
}
