import { redirect } from 'next/navigation'

/** For buyers who went to the line on their own: the sale's defaultReturnUrl. The gate has stored their pass. */
export default function CheckoutOfNothing() {
  redirect('/')
}
