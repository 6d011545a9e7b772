// Sizes and counts as people read them.

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${digits(value)} ${units[unit]}`
}

/** `1.5 M`. */
export function formatCount(count: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P']
  let unit = 0
  let value = count
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${digits(value)}${units[unit]}`
}

const digits = (value: number): number => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** `mul add add relu` as `mul add×2 relu`: for lists of ops and of types. */
export function summarizeList(items: readonly string[], separator = ' '): string {
  const parts: string[] = []
  for (let i = 0; i < items.length; ) {
    let end = i
    while (items[end] === items[i]) end++
    parts.push(end - i > 1 ? `${items[i]}×${end - i}` : items[i]!)
    i = end
  }
  return parts.join(separator)
}
