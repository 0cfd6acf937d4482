export { definition as mailCatcherDefinition } from './mail/config.ts'
export { definition as paymentSimulatorDefinition } from './payment/config.ts'
/** The entry points that run each simulator as a separate process. */
export const paymentSimulatorMain = new URL('./payment/main.ts', import.meta.url)
export const mailCatcherMain = new URL('./mail/main.ts', import.meta.url)
export { startMailCatcher, startPaymentSimulator } from './start.ts'
