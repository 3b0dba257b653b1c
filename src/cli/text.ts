// Small forms for a person's eye: tables, shortened texts, figures.

/** At most `length` characters on one line; what was cut shows as `…`. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}

/** Columns aligned by their widest cell; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const width = header.map((name, column) =>
    rows.reduce((widest, row) => Math.max(widest, String(row[column] ?? '').length), name.length),
  )
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => {
        const size = width[column] ?? 0
        return typeof cell === 'number' ? String(cell).padStart(size) : cell.padEnd(size)
      })
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)]
}
