import type { Config } from '../config.ts'
import type { Pace } from './pace/pace.ts'
import type { PaymentGateway } from './payment-gateway.ts'
import { createSimulatorGateway } from './simulator-gateway.ts'
import { createTossGateway } from './toss/toss-gateway.ts'

/** How far back charges are listed where they are kept forever. */
const LISTED_DAYS_MAX = 5 * 365

/** Creates the gateway of the configured provider. Loads the library of Stripe only where it is the provider. */
export async function createGateway(config: Config, pace: Pace): Promise<PaymentGateway> {
  const shared = {
    returnUrl: config.paymentReturnUrl,
    resilience: {
      timeoutMs: config.gatewayTimeoutMs,
      triesMax: config.gatewayTries,
      retryDelayMs: config.gatewayRetryDelayMs,
      breakerFailures: config.breakerFailures,
      breakerOpenMs: config.breakerOpenMs,
      pace,
    },
  }
  switch (config.paymentProvider) {
    case 'simulator':
      return createSimulatorGateway({ ...shared, url: config.gatewayUrl })
    case 'stripe': {
      const { createStripeGateway } = await import('./stripe/stripe-gateway.ts')
      return createStripeGateway({
        ...shared,
        url: config.stripeUrl,
        secretKey: config.stripeSecretKey ?? '',
        webhookSecrets: config.stripeWebhookSecrets,
        paymentMethodTypes: config.stripePaymentMethodTypes,
        captureMethod: config.stripeCapture,
        listedDays: config.chargeRetentionDays,
      })
    }
    case 'toss':
      return createTossGateway({
        ...shared,
        url: config.tossUrl,
        secretKey: config.tossSecretKey ?? '',
        listedDays: config.chargeRetentionDays === 0 ? LISTED_DAYS_MAX : config.chargeRetentionDays,
      })
  }
}
