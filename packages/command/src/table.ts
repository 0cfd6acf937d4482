import type { Command } from './command.ts'
import { captureCommands } from './commands/captures.ts'
import { deadLetterCommands } from './commands/dead-letters.ts'
import { doctorCommands } from './commands/doctor.ts'
import { eraseCommands } from './commands/erase.ts'
import { mailCommands } from './commands/mails.ts'
import { moneyCommands } from './commands/money.ts'
import { orderCommands } from './commands/orders.ts'
import { parkedCommands } from './commands/parked.ts'
import { peopleCommands } from './commands/people.ts'
import { pruneCommands } from './commands/prune.ts'
import { refundCommands } from './commands/refunds.ts'
import { saleCommands } from './commands/sales.ts'
import { stockCommands } from './commands/stock.ts'
import { voucherCommands } from './commands/vouchers.ts'
import { webhookCommands } from './commands/webhooks.ts'

/** All commands, in the order of the help and the document. */
export const COMMANDS: readonly Command[] = [
  ...saleCommands,
  ...stockCommands,
  ...voucherCommands,
  ...orderCommands,
  ...refundCommands,
  ...captureCommands,
  ...moneyCommands,
  ...deadLetterCommands,
  ...parkedCommands,
  ...mailCommands,
  ...webhookCommands,
  ...doctorCommands,
  ...eraseCommands,
  ...pruneCommands,
  ...peopleCommands,
]
