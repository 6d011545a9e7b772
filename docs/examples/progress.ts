// Progress on the terminal: a bar that is redrawn in place, or plain lines now and then when the output is a file or a pipe.

const barWidth = 28
const plainLines = 10

/** Shows that `done` of `total` parts are finished, with a note on how it goes. */
export function showProgress(done: number, total: number, note: string): void {
  if (process.stdout.isTTY) {
    const filled = Math.round((done / total) * barWidth)
    process.stdout.write(
      `\r  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${total}  ${note} ${done === total ? '\n' : ''}`,
    )
  } else if (done === total || done % Math.ceil(total / plainLines) === 0) {
    console.log(`  ${String(done).padStart(String(total).length)}/${total}  ${note}`)
  }
}
