import { redirect } from 'next/navigation'

/** For buyers who went to the line by themselves: the sale's defaultReturnUrl. The gate has kept their pass. */
export default function CheckoutOfNothing() {
  redirect('/')
}
