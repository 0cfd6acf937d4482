import {
  type CaughtMessage,
  caughtMessages,
  type SimulatedCharge,
  type SimulatorControl,
  simulatedCharges,
} from '@floodgate/contracts'
import type { z } from 'zod'
import { send } from './http.ts'

/** The payment provider, and its operator's view. */
export interface Provider {
  behave(control: Partial<SimulatorControl> & Pick<SimulatorControl, 'mode'>): Promise<void>
  charges(): Promise<SimulatedCharge[]>
  chargesOf(order: string): Promise<SimulatedCharge[]>
}

async function read<Schema extends z.ZodType>(url: string, schema: Schema): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse((await send('GET', url)).text))
}

export function createProvider(url: string): Provider {
  const charges: Provider['charges'] = async () => (await read(`${url}/charges`, simulatedCharges)).charges
  return {
    async behave(control) {
      const { status, text } = await send('POST', `${url}/control`, { body: control })
      if (status !== 200) throw new Error(`The payment simulator returned ${status}: ${text}`)
    },
    charges,
    chargesOf: async (order) => (await charges()).filter(({ orderId }) => orderId === order),
  }
}

/** The mail boxes of all buyers. */
export interface Inbox {
  messages(): Promise<CaughtMessage[]>
  /** Returns mails to an address, each counted once: a mail may arrive twice, its Message-ID stays the same. */
  mailsTo(address: string): Promise<CaughtMessage[]>
}

export function distinctMails(messages: readonly CaughtMessage[]): CaughtMessage[] {
  return [...new Map(messages.map((message) => [message.messageId, message])).values()]
}

export function createInbox(url: string): Inbox {
  const messages: Inbox['messages'] = async () => (await read(`${url}/messages`, caughtMessages)).messages
  return {
    messages,
    mailsTo: async (address) => distinctMails((await messages()).filter(({ to }) => to === address)),
  }
}
