export { definition as mailCatcherDefinition } from './mail/config.ts'
export { definition as paymentSimulatorDefinition } from './payment/config.ts'
/** What runs a simulator as a process of its own. */
export const paymentSimulatorMain = new URL('./payment/main.ts', import.meta.url)
export const mailCatcherMain = new URL('./mail/main.ts', import.meta.url)
export { startMailCatcher, startPaymentSimulator } from './start.ts'
