import { findApps } from '../operator/find-apps.ts'
import { createClient } from './client.ts'
import { HELP, parseCommand } from './options.ts'
import { run } from './run.ts'

const EXIT_FAILED = 2

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2))
  if (command.kind === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  if (command.kind === 'invalid') {
    process.stderr.write(`${command.problem}\n\n${HELP}`)
    return EXIT_FAILED
  }
  return await run(command, createClient(await findApps(process.env, { all: false })), {
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
  })
}

// The reader of the output, such as `head`, has closed it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`Dead letters: ${error instanceof Error ? error.message : String(error)}\n`)
  return EXIT_FAILED
})
