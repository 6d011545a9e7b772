// Stack texts: which frames are the library's own, and the user's place in what is left.

// The intermediate representation imports nothing of Node's, so this stands for node:url's fileURLToPath.
const pathOf = (url: string): string => decodeURIComponent(new URL(url).pathname)

// This file lies in <root>/ir; frames in the library's own folders say nothing to the user whose call was wrong.
const root = new URL('..', import.meta.url).href
const ownFolders = ['lib/', 'ir/', 'runtime/'].flatMap((folder) => [root + folder, pathOf(root) + folder])

const frame = /^\s*at (?:.*? \()?((?:file:\/\/)?[^()]+?):(\d+):(\d+)\)?$/

/** The stack text without the library's own frames, so that the first line is the user's. Built-in callers such as Array.forEach go with them. */
export function withoutOwnFrames(stack: string): string {
  let own = true
  return stack
    .split('\n')
    .filter((line) => {
      if (!/^\s+at /.test(line)) return true
      if (ownFolders.some((folder) => line.includes(folder))) own = true
      else if (!/[( ]<anonymous>\)?$/.test(line)) own = false
      return !own
    })
    .join('\n')
}

/** `path/file.ts:12:7` of the first frame of the user's, or undefined when there is none. */
export function userPlace(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined
  for (const line of withoutOwnFrames(stack).split('\n')) {
    const match = frame.exec(line)
    if (match === null || match[1]!.startsWith('node:')) continue
    const path = match[1]!.startsWith('file://') ? pathOf(match[1]!) : match[1]!
    return `${relative(path)}:${match[2]}:${match[3]}`
  }
  return undefined
}

function relative(path: string): string {
  const here = `${process.cwd()}/`
  return path.startsWith(here) ? path.slice(here.length) : path
}
