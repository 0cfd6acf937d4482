/**
 * Returns the address that a buyer comes back to from a page of the bank: the template with its `{sale}` and `{order}`
 * filled in. The same for every try of an attempt, since providers compare repeated requests.
 */
export function returnUrlOf(template: string, order: { readonly sale: string; readonly orderId: string }): string {
  return template
    .replaceAll('{sale}', encodeURIComponent(order.sale))
    .replaceAll('{order}', encodeURIComponent(order.orderId))
}
