import { EXIT } from './exit-codes.ts'
import { run } from './run.ts'
import { COMMANDS } from './table.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the output, such as `head`, has closed it.
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`floodgate: The output cannot be written: ${error.message}\n`)
  process.exit(EXIT.failed)
})
// Nobody reads the progress: the work goes on.
process.stderr.on('error', () => undefined)
process.once('SIGINT', () => process.exit(EXIT.interrupted))

process.exitCode = await run(process.argv.slice(2), COMMANDS, {
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
})
