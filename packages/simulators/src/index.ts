export { definition as mailCatcherDefinition } from './mail/config.ts'
export { definition as paymentSimulatorDefinition } from './payment/config.ts'
export { startMailCatcher, startPaymentSimulator } from './start.ts'
