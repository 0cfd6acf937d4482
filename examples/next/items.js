/** The goods of the shop. */
export const items = [
  { id: 'headphones', name: 'Headphones', price: '€49.50' },
  { id: 'lamp', name: 'Desk lamp', price: '€35.00' },
  { id: 'mug', name: 'Mug', price: '€9.00' },
]

export function itemOf(id) {
  return items.find((item) => item.id === id)
}
