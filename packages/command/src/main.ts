import { EXIT } from './exit-codes.ts'
import { run } from './run.ts'
import { COMMANDS } from './table.ts'

// The reader of the output, such as `head`, has closed it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.once('SIGINT', () => process.exit(EXIT.interrupted))

process.exitCode = await run(process.argv.slice(2), COMMANDS, {
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
})
